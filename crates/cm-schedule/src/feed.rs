//! Records in and out of `add`. A reader that goes away ends the output, not the work: what came in is queued.

use crate::args::Add;
use crate::candidate::message;
use cm_cli::{Failure, Out, Session};
use cm_record::{Line, Record};
use std::io;

/// Hands each record, and where it stood, to `each`; what that gives back goes to standard output when `pass` is set.
pub(crate) fn feed(
    session: &Session,
    args: &Add,
    pass: bool,
    mut each: impl FnMut(Record, &str) -> anyhow::Result<Record>,
) -> anyhow::Result<()> {
    let mut output = Output(pass.then(|| session.out()));
    if let Some(text) = &args.message {
        let record = message(text, args.campaign.as_deref()).map_err(Failure::usage)?;
        let record = each(record, "-m")?;
        output.write(|out| out.record(&record))?;
        return output.write(Out::flush);
    }
    let mut reader = session.reader(&args.files)?;
    let result = loop {
        if reader.would_block() {
            output.write(Out::flush)?;
        }
        match reader.next_line() {
            None => break Ok(()),
            Some(Ok(Line::Record(record, place))) => {
                let known = session.knows_version(&record)?;
                let record = if known { each(record, &place.to_string())? } else { record };
                output.write(|out| out.record(&record))?;
            }
            Some(Ok(Line::Bad(bad))) => {
                if let Err(stop) = session.bad_line(&bad) {
                    break Err(stop);
                }
            }
            Some(Err(error)) => session.failed("input", error)?,
        }
    };
    session.sum_up_bad_lines(reader.lines_read());
    output.write(Out::flush)?;
    result
}

/// Standard output, for as long as somebody reads it.
struct Output(Option<Out>);

impl Output {
    fn write(&mut self, work: impl FnOnce(&mut Out) -> io::Result<()>) -> anyhow::Result<()> {
        let Some(out) = &mut self.0 else { return Ok(()) };
        match work(out) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => self.0 = None,
            result => result?,
        }
        Ok(())
    }
}
