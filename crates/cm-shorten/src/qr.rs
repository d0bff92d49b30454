//! `qr`: a link as a QR code (ISO/IEC 18004). In: a code, a short address or any link. Out: an SVG or PNG file that is
//! there whole or not at all; on a terminal half blocks, dark on light whatever its colours are.

use crate::args::{Level, Qr};
use crate::expand::named;
use crate::settings::Settings;
use crate::tables::Tables;
use crate::target;
use anyhow::{Context, Result};
use cm_cli::{Failure, Session, replace_file};
use cm_store::Mode;
use fast_qr::{ECL, QRBuilder, QRCode};
use std::fmt::Write;
use std::path::Path;

/// Draws the code.
pub fn run(args: &Qr, session: &Session) -> Result<()> {
    let link = link(&args.link, session)?;
    let symbol = Symbol::of(&link, args.level, args.margin)?;
    let Some(path) = args.output.as_deref().filter(|path| *path != Path::new("-")) else {
        if args.output.is_none() && session.stdout_is_terminal() {
            return session.print(&symbol.blocks(session.color()));
        }
        return session.print(&symbol.svg(args.size));
    };
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let picture = match ending.as_str() {
        "svg" => symbol.svg(args.size).into_bytes(),
        "png" => symbol.png(args.size)?,
        _ => {
            return Err(Failure::usage(format!("-o {}: name a .svg or .png file", path.display())).into());
        }
    };
    Ok(replace_file(path, &picture)?)
}

/// What is written into the symbol: a link of ours must be there, another is taken as it stands.
fn link(given: &str, session: &Session) -> Result<String> {
    let settings = Settings::read(session)?;
    if given.contains("://") && !target::is_short(given, &settings.domain) {
        let guard = &settings.guard;
        guard
            .check(given)
            .map_err(|why| Failure::usage(format!("{}: {why}", target::shown_refused(given, &why))))?;
        return Ok(given.to_owned());
    }
    Ok(named(&Tables::open(&session.store_url()?, Mode::Read)?, session, given)?.short_url())
}

/// A symbol with the margin that is drawn around it.
struct Symbol {
    code: QRCode,
    margin: usize,
}

impl Symbol {
    fn of(link: &str, level: Level, margin: u32) -> Result<Symbol, Failure> {
        let level = match level {
            Level::L => ECL::L,
            Level::M => ECL::M,
            Level::Q => ECL::Q,
            Level::H => ECL::H,
        };
        let code = QRBuilder::new(link).ecl(level).build();
        let code = code.map_err(|_| {
            Failure::usage(format!("{} bytes are too many for a QR code: shorten the link first", link.len()))
        })?;
        Ok(Symbol { code, margin: usize::try_from(margin).unwrap_or_default() })
    }

    /// Modules on a side, margins included.
    fn side(&self) -> usize {
        self.code.size + 2 * self.margin
    }

    /// Whether a module is dark; all of the margin is light.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let within = self.margin..self.margin + self.code.size;
        within.contains(&x) && within.contains(&y) && self.code[y - self.margin][x - self.margin].value()
    }

    /// One path for all dark modules, each run of them in a row a rectangle.
    fn svg(&self, size: u32) -> String {
        let side = self.side();
        let mut path = String::new();
        for y in 0..side {
            let mut x = 0;
            while x < side {
                let run = (x..side).take_while(|x| self.is_dark(*x, y)).count();
                if run > 0 {
                    let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
                }
                x += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{size}\" height=\"{size}\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>\n"
        )
    }

    /// Black and white, exactly `size` pixels wide: modules are whole pixels, what is left over widens the margin.
    fn png(&self, size: u32) -> Result<Vec<u8>> {
        let pixels = usize::try_from(size).unwrap_or_default();
        let scale = pixels / self.side();
        if scale == 0 {
            let why = format!("--size {size}: this code is {} modules wide with its margin", self.side());
            return Err(Failure::usage(why).into());
        }
        let offset = (pixels - scale * self.side()) / 2;
        let stride = pixels.div_ceil(8);
        let mut image = vec![0xFF; stride * pixels];
        for y in 0..pixels {
            for x in 0..pixels {
                let module = |at: usize| at.checked_sub(offset).map(|at| at / scale);
                if let (Some(column), Some(row)) = (module(x), module(y))
                    && self.is_dark(column, row)
                {
                    image[y * stride + x / 8] &= !(0x80 >> (x % 8));
                }
            }
        }
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, size, size);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&image)).context("PNG")?;
        Ok(file)
    }

    /// Two rows of modules in a line. With colours they are told to the terminal; without, light modules are drawn, as
    /// most terminals are dark, and those that are not show the code's negative, which most readers take.
    fn blocks(&self, color: bool) -> String {
        let (begin, end) = if color { ("\x1b[38;5;231;48;5;16m", "\x1b[0m") } else { ("", "") };
        let mut lines = String::new();
        for y in (0..self.side()).step_by(2) {
            lines.push_str(begin);
            for x in 0..self.side() {
                // Below the last row there is margin.
                lines.push(match (self.is_dark(x, y), self.is_dark(x, y + 1)) {
                    (false, false) => '█',
                    (false, true) => '▀',
                    (true, false) => '▄',
                    (true, true) => ' ',
                });
            }
            lines.push_str(end);
            lines.push('\n');
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINK: &str = "https://go.acme.example/k7qmtd";

    fn symbol(link: &str, level: Level) -> Symbol {
        Symbol::of(link, level, 4).unwrap()
    }

    /// What a reader sees in a picture of so many pixels.
    fn seen(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
        let shade = |x, y| if is_dark(x, y) { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "one symbol is seen");
        grids[0].decode().unwrap().1
    }

    fn seen_in_png(bytes: &[u8]) -> String {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut image = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut image).unwrap();
        let bit = |x: usize, y: usize| image[y * info.line_size + x / 8] & (0x80 >> (x % 8)) == 0;
        seen(info.width as usize, info.height as usize, bit)
    }

    #[test]
    fn a_png_is_read_as_its_link_at_every_level_and_size() {
        for level in [Level::L, Level::M, Level::Q, Level::H] {
            for size in [100, 333, 512] {
                assert_eq!(seen_in_png(&symbol(LINK, level).png(size).unwrap()), LINK, "{level:?} {size}");
            }
        }
        assert!(symbol(LINK, Level::M).png(30).is_err());
    }

    #[test]
    fn an_svg_is_read_as_its_link() {
        let svg = symbol(LINK, Level::M).svg(512);
        let path = svg.rsplit("<path d=\"").next().unwrap().split('"').next().unwrap();
        let mut dark = std::collections::HashSet::new();
        for run in path.split('M').skip(1) {
            let numbers: Vec<usize> =
                run.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
            dark.extend((numbers[0]..numbers[0] + numbers[2]).map(|x| (x, numbers[1])));
        }
        let side = symbol(LINK, Level::M).side();
        assert!(svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")), "{svg}");
        assert_eq!(seen(side * 4, side * 4, |x, y| dark.contains(&(x / 4, y / 4))), LINK);
    }

    #[test]
    fn a_terminal_shows_it_on_any_background() {
        for color in [true, false] {
            let drawn = symbol(LINK, Level::M).blocks(color);
            let lines: Vec<Vec<char>> = drawn
                .lines()
                .map(|line| line.trim_start_matches("\x1b[38;5;231;48;5;16m").trim_end_matches("\x1b[0m"))
                .map(|line| line.chars().collect())
                .collect();
            let is_dark = |x: usize, y: usize| match lines[y / 8][x / 4] {
                '█' => false,
                '▀' => y % 8 >= 4,
                '▄' => y % 8 < 4,
                _ => true,
            };
            assert_eq!(seen(lines[0].len() * 4, lines.len() * 8, is_dark), LINK);
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let long = format!("https://a.example/{}", "x".repeat(3000));
        assert!(Symbol::of(&long, Level::L, 4).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_link_is_read_as_itself(path in "[a-zA-Z0-9/?&=%._~é-]{0,200}") {
            let link = format!("https://a.example/{path}");
            let side = symbol(&link, Level::Q).side() as u32;
            prop_assert_eq!(seen_in_png(&symbol(&link, Level::Q).png(side * 4).unwrap()), link);
        }
    }
}
