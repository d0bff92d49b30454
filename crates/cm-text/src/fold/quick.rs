//! What most characters of Europe and East Asia fold to by themselves, without normalising: in, a character; out, one or
//! two characters, or nothing where only its neighbours can tell. A test compares every code point with the slow way.

/// The folded character without its diacritics, and with them, where the character stands alone: it begins with no mark
/// and does not join what stands before it, so that texts fold one character at a time.
#[inline]
pub(super) fn quick(c: char) -> Option<(char, char)> {
    if let Some([bare, marked]) = LOW.get(c as usize) {
        return (*bare != SLOW).then_some((*bare, *marked));
    }
    let code = u32::from(c);
    let pair = match code {
        0x1E00..0x1F00 => {
            let [bare, marked] = VIETNAMESE.each_ref().map(|row| row.get(code as usize - 0x1E00).copied());
            bare.zip(marked).filter(|(bare, _)| *bare != UNKNOWN)?
        }
        // Every apostrophe is the same: as typed, as typeset, and the letters that look like one.
        0x2018 | 0x2019 => ('\'', '\''),
        // Alef, waw and yeh without their hamza and madda.
        0x0622 | 0x0623 | 0x0625 => ('\u{627}', c),
        0x0624 => ('\u{648}', c),
        0x0626 => ('\u{64A}', c),
        _ if is_itself(code) => (c, c),
        _ => return None,
    };
    Some(pair)
}

/// The same for letters that fold to two; these too begin with no mark.
pub(super) fn longer(c: char) -> Option<(&'static str, &'static str)> {
    match c {
        'ß' | 'ẞ' => Some(("ss", "ss")),
        'œ' | 'Œ' => Some(("oe", "œ")),
        'æ' | 'Æ' => Some(("ae", "æ")),
        'İ' => Some(("i", "i\u{307}")),
        _ => None,
    }
}

/// Letters without case or marks, common punctuation, currency signs, pictures, kana, ideographs, Hangul syllables.
fn is_itself(code: u32) -> bool {
    matches!(code,
        0x05D0..=0x05EA | 0x0621 | 0x0627..=0x063A | 0x0641..=0x064A | 0x0E01..=0x0E30 | 0x0E40..=0x0E46
        | 0x2010 | 0x2012..=0x2016 | 0x201A..=0x2022 | 0x2030..=0x2031 | 0x2039..=0x203A | 0x20A0..=0x20A7
        | 0x20A9..=0x20C0 | 0x2190..=0x2199 | 0x2600..=0x27BF | 0x3001..=0x3029 | 0x3030..=0x3035 | 0x3041..=0x3096 | 0x309D..=0x309E
        | 0x30A1..=0x30FE | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3 | 0x1F1E6..=0x1F1FF
        | 0x1F300..=0x1F3FA | 0x1F400..=0x1FAFF)
}

/// Every character below U+0530, without its diacritics and with them.
static LOW: [[char; 2]; 0x530] = {
    let mut all = [[SLOW; 2]; 0x530];
    let mut code = 0;
    while code < all.len() {
        all[code] = match code as u32 {
            // Lossless: below 0x80 these are the letters of `u8`.
            ascii @ 0..0x80 => [(ascii as u8).to_ascii_lowercase() as char; 2],
            0xA0..0x250 => known(LATIN[0][code - 0xA0], LATIN[1][code - 0xA0]),
            0x370.. => known(GREEK_CYRILLIC[0][code - 0x370], GREEK_CYRILLIC[1][code - 0x370]),
            // Letters that look like an apostrophe.
            0x2BB | 0x2BC => ['\''; 2],
            _ => [SLOW; 2],
        };
        code += 1;
    }
    all
};

const fn known(bare: char, marked: char) -> [char; 2] {
    if bare == UNKNOWN || marked == UNKNOWN { [SLOW; 2] } else { [bare, marked] }
}

/// What only the slow way can fold.
const SLOW: char = char::MAX;

/// The same in the tables below.
const UNKNOWN: char = '?';

/// U+00A0 to U+024F: Latin-1, Latin Extended-A and -B.
const LATIN: [[char; 432]; 2] = [
    table(
        "\
        ?¡¢£¤¥¦§?©a«¬?®?°±23?μ¶·?1o»???¿aaaaaa?ceeeeiiiiðnooooo×ouuuuyþ?aaaaaa?c\
        eeeeiiiiðnooooo÷ouuuuyþyaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiii\
        ii??jjkkĸllllll??llnnnnnn?ŋŋoooooo??rrrrrrssssssssttttttuuuuuuuuuuuuwwyy\
        yzzzzzzsƀɓƃƃƅƅɔƈƈɖɗƌƌƍǝəɛƒƒɠɣƕɩɨƙƙƚƛɯɲƞɵooƣƣƥƥʀƨƨʃƪƫƭƭʈuuʊʋƴƴƶƶʒƹƹƺƻƽƽƾƿ\
        ǀǁǂǃ?????????aaiioouuuuuuuuuuǝaaaa??ǥǥggkkooooʒʒj???ggƕƿnnaa??ooaaaaeeee\
        iiiioooorrrruuuussttȝȝhhƞȡȣȣȥȥaaeeooooooooyyȴȵȶȷȸȹⱥȼȼƚⱦȿɀɂɂƀʉʌɇɇɉɉɋɋɍɍɏɏ",
    ),
    table(
        "\
        ?¡¢£¤¥¦§?©a«¬?®?°±23?μ¶·?1o»???¿àáâãäåæçèéêëìíîïðñòóôõö×øùúûüýþ?àáâãäåæç\
        èéêëìíîïðñòóôõö÷øùúûüýþÿāāăăąąććĉĉċċččďďđđēēĕĕėėęęěěĝĝğğġġģģĥĥħħĩĩīīĭĭįį\
        ?i??ĵĵķķĸĺĺļļľľ??łłńńņņňň?ŋŋōōŏŏőőœœŕŕŗŗřřśśŝŝşşššţţťťŧŧũũūūŭŭůůűűųųŵŵŷŷ\
        ÿźźżżžžsƀɓƃƃƅƅɔƈƈɖɗƌƌƍǝəɛƒƒɠɣƕɩɨƙƙƚƛɯɲƞɵơơƣƣƥƥʀƨƨʃƪƫƭƭʈưưʊʋƴƴƶƶʒƹƹƺƻƽƽƾƿ\
        ǀǁǂǃ?????????ǎǎǐǐǒǒǔǔǖǖǘǘǚǚǜǜǝǟǟǡǡǣǣǥǥǧǧǩǩǫǫǭǭǯǯǰ???ǵǵƕƿǹǹǻǻǽǽǿǿȁȁȃȃȅȅȇȇ\
        ȉȉȋȋȍȍȏȏȑȑȓȓȕȕȗȗșșțțȝȝȟȟƞȡȣȣȥȥȧȧȩȩȫȫȭȭȯȯȱȱȳȳȴȵȶȷȸȹⱥȼȼƚⱦȿɀɂɂƀʉʌɇɇɉɉɋɋɍɍɏɏ",
    ),
];

/// U+0370 to U+052F: Greek, Coptic and Cyrillic.
const GREEK_CYRILLIC: [[char; 448]; 2] = [
    table(
        "\
        ͱͱͳͳʹ͵ͷͷ???ͻͼͽ;ϳ??????α·εηι?ο?υωιαβγδεζηθικλμνξοπρ?στυφχψωιυαεηιυαβγδεζη\
        θικλμνξοπρσστυφχψωιυουωϗβθυυυφπϗϙϙϛϛϝϝϟϟϡϡϣϣϥϥϧϧϩϩϫϫϭϭϯϯκρσϳθε϶ϸϸσϻϻϼͻͼͽ\
        ееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыьэюяабвгдежзииклмнопрстуфхцч\
        шщъыьэюяееђгєѕііјљњћкиуџѡѡѣѣѥѥѧѧѩѩѫѫѭѭѯѯѱѱѳѳѵѵѵѵѹѹѻѻѽѽѿѿҁҁ҂???????ҋҋҍҍҏҏ\
        ґґғғҕҕҗҗҙҙққҝҝҟҟҡҡңңҥҥҧҧҩҩҫҫҭҭүүұұҳҳҵҵҷҷҹҹһһҽҽҿҿӏжжӄӄӆӆӈӈӊӊӌӌӎӎӏааааӕӕее\
        әәәәжжззӡӡииииооөөөөээууууууччӷӷыыӻӻӽӽӿӿԁԁԃԃԅԅԇԇԉԉԋԋԍԍԏԏԑԑԓԓԕԕԗԗԙԙԛԛԝԝԟԟ\
        ԡԡԣԣԥԥԧԧԩԩԫԫԭԭԯԯ",
    ),
    table(
        "\
        ͱͱͳͳʹ͵ͷͷ???ͻͼͽ;ϳ??????ά·έήί?ό?ύώΐαβγδεζηθικλμνξοπρ?στυφχψωϊϋάέήίΰαβγδεζη\
        θικλμνξοπρσστυφχψωϊϋόύώϗβθυύϋφπϗϙϙϛϛϝϝϟϟϡϡϣϣϥϥϧϧϩϩϫϫϭϭϯϯκρσϳθε϶ϸϸσϻϻϼͻͼͽ\
        ѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяабвгдежзийклмнопрстуфхцч\
        шщъыьэюяѐёђѓєѕіїјљњћќѝўџѡѡѣѣѥѥѧѧѩѩѫѫѭѭѯѯѱѱѳѳѵѵѷѷѹѹѻѻѽѽѿѿҁҁ҂???????ҋҋҍҍҏҏ\
        ґґғғҕҕҗҗҙҙққҝҝҟҟҡҡңңҥҥҧҧҩҩҫҫҭҭүүұұҳҳҵҵҷҷҹҹһһҽҽҿҿӏӂӂӄӄӆӆӈӈӊӊӌӌӎӎӏӑӑӓӓӕӕӗӗ\
        әәӛӛӝӝӟӟӡӡӣӣӥӥӧӧөөӫӫӭӭӯӯӱӱӳӳӵӵӷӷӹӹӻӻӽӽӿӿԁԁԃԃԅԅԇԇԉԉԋԋԍԍԏԏԑԑԓԓԕԕԗԗԙԙԛԛԝԝԟԟ\
        ԡԡԣԣԥԥԧԧԩԩԫԫԭԭԯԯ",
    ),
];

/// U+1E00 to U+1EFF: Latin Extended Additional, with the letters of Vietnamese.
const VIETNAMESE: [[char; 256]; 2] = [
    table(
        "\
        aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnn\
        nnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyy\
        zzzzzzhtwy?sẜẝ?ẟaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooo\
        oooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ",
    ),
    table(
        "\
        ḁḁḃḃḅḅḇḇḉḉḋḋḍḍḏḏḑḑḓḓḕḕḗḗḙḙḛḛḝḝḟḟḡḡḣḣḥḥḧḧḩḩḫḫḭḭḯḯḱḱḳḳḵḵḷḷḹḹḻḻḽḽḿḿṁṁṃṃṅṅṇṇ\
        ṉṉṋṋṍṍṏṏṑṑṓṓṕṕṗṗṙṙṛṛṝṝṟṟṡṡṣṣṥṥṧṧṩṩṫṫṭṭṯṯṱṱṳṳṵṵṷṷṹṹṻṻṽṽṿṿẁẁẃẃẅẅẇẇẉẉẋẋẍẍẏẏ\
        ẑẑẓẓẕẕẖẗẘẙ?ṡẜẝ?ẟạạảảấấầầẩẩẫẫậậắắằằẳẳẵẵặặẹẹẻẻẽẽếếềềểểễễệệỉỉịịọọỏỏốốồồổổỗỗ\
        ộộớớờờởởỡỡợợụụủủứứừừửửữữựựỳỳỵỵỷỷỹỹỻỻỽỽỿỿ",
    ),
];

/// The characters of a table that is written as a text.
const fn table<const N: usize>(written: &str) -> [char; N] {
    let bytes = written.as_bytes();
    let mut list = [UNKNOWN; N];
    let (mut from, mut to) = (0, 0);
    while to < N {
        let (length, first) = match bytes[from] {
            byte @ 0..0x80 => (1, byte as u32),
            byte @ 0..0xE0 => (2, byte as u32 & 0x1F),
            byte => (3, byte as u32 & 0x0F),
        };
        let mut code = first;
        let mut next = 1;
        while next < length {
            code = code << 6 | (bytes[from + next] as u32 & 0x3F);
            next += 1;
        }
        if let Some(c) = char::from_u32(code) {
            list[to] = c;
        }
        from += length;
        to += 1;
    }
    list
}
