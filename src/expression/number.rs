//! Numbers as JavaScript reads and prints them, because templates are written for its engine.

/// `1`, `2.5`, `1e+22`, `NaN`: the shortest text that reads back as the same number (ECMA-262 Number::toString).
pub fn to_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    if number == 0.0 {
        return "0".into();
    }
    let (digits, exponent) = decimal(number.abs());
    let sign = if number < 0.0 { "-" } else { "" };
    format!("{sign}{}", place(&digits, exponent))
}

/// The shortest digits of a positive number and the power of ten of the first of them.
fn decimal(number: f64) -> (String, i32) {
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

fn place(digits: &str, exponent: i32) -> String {
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    if !(-6..21).contains(&exponent) {
        return scientific(digits, exponent);
    }
    if exponent < 0 {
        return format!("0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1));
    }
    if count <= exponent + 1 {
        return format!("{digits}{}", "0".repeat((exponent + 1 - count) as usize));
    }
    let (whole, part) = digits.split_at(exponent as usize + 1);
    format!("{whole}.{part}")
}

fn scientific(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{first}{point}{rest}e{sign}{}", exponent.abs())
}

/// What `Number(text)` gives: surrounding space is ignored, no text is 0, what is no number is NaN.
pub fn parse(text: &str) -> f64 {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return 0.0;
    }
    for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return whole(digits, radix).unwrap_or(f64::NAN);
        }
    }
    match text.strip_prefix(['+', '-']).unwrap_or(text) {
        "Infinity" if text.starts_with('-') => f64::NEG_INFINITY,
        "Infinity" => f64::INFINITY,
        unsigned if unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
            text.parse().unwrap_or(f64::NAN)
        }
        _ => f64::NAN,
    }
}

fn whole(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0.0, |sum, c| Some(sum * f64::from(radix) + f64::from(c.to_digit(radix)?)))
}

/// What `parseInt(text, radix)` gives: as many leading digits as there are.
pub fn parse_whole(text: &str, radix: i64) -> f64 {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (radix, text) = match (radix, hexadecimal) {
        (0 | 16, Some(rest)) => (16, rest),
        (0, None) => (10, text),
        _ => (radix, text),
    };
    let Some(radix) = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix)) else {
        return f64::NAN;
    };
    let digits: String = text.chars().take_while(|c| c.is_digit(radix)).collect();
    whole(&digits, radix).map_or(f64::NAN, |number| sign * number)
}

/// What `parseFloat(text)` gives: the longest leading number.
pub fn parse_leading(text: &str) -> f64 {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.starts_with("Infinity") {
        return if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let mut end = 0;
    let (mut point, mut exponent) = (false, false);
    let bytes = text.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'0'..=b'9' => end = index + 1,
            b'+' | b'-' if index == 0 => {}
            b'+' | b'-' if matches!(bytes[index - 1], b'e' | b'E') => {}
            b'.' if !point && !exponent => point = true,
            b'e' | b'E' if !exponent && end > 0 => exponent = true,
            _ => break,
        }
    }
    text[..end].parse().unwrap_or(f64::NAN)
}

/// `toFixed`: rounded half away from zero on the exact decimal value.
pub fn fixed(number: f64, digits: usize) -> String {
    if !number.is_finite() || number.abs() >= 1e21 {
        return to_text(number);
    }
    let exact = format!("{:.1$}", number.abs(), digits + 60);
    let text = round_decimal(&exact, 60);
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if number < 0.0 && !zero { format!("-{text}") } else { text }
}

/// Drops the last `count` digits of a decimal text, rounding half up.
fn round_decimal(exact: &str, count: usize) -> String {
    let (kept, dropped) = exact.split_at(exact.len() - count);
    let kept = kept.strip_suffix('.').unwrap_or(kept);
    if dropped.as_bytes().first().is_none_or(|digit| *digit < b'5') {
        return kept.into();
    }
    let mut digits: Vec<u8> = kept.bytes().collect();
    for digit in digits.iter_mut().rev() {
        match digit {
            b'.' => {}
            b'9' => *digit = b'0',
            _ => {
                *digit += 1;
                return String::from_utf8_lossy(&digits).into_owned();
            }
        }
    }
    format!("1{}", String::from_utf8_lossy(&digits))
}

/// `toExponential`; without a count, as many digits as the number has.
pub fn exponential(number: f64, digits: Option<usize>) -> String {
    if !number.is_finite() {
        return to_text(number);
    }
    let text = match digits {
        Some(count) => format!("{number:.count$e}"),
        None => format!("{number:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{mantissa}e{sign}{exponent}")
}

/// `toPrecision`.
pub fn precise(number: f64, digits: usize) -> String {
    if !number.is_finite() {
        return to_text(number);
    }
    let text = exponential(number, Some(digits.saturating_sub(1)));
    let exponent: i32 = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let count = i32::try_from(digits).unwrap_or(i32::MAX);
    if exponent < -6 || exponent >= count {
        return text;
    }
    fixed(number, usize::try_from(count - 1 - exponent).unwrap_or(0))
}

/// `toString(radix)` of a whole number; parts after the point are cut.
pub fn in_radix(number: f64, radix: u32) -> String {
    if radix == 10 || !number.is_finite() || number.abs() >= 9.0e15 {
        return to_text(number);
    }
    let mut rest = number.abs().trunc() as u64;
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(rest % u64::from(radix)).unwrap_or(0);
        digits.push(char::from_digit(digit, radix).unwrap_or('0'));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    if number < 0.0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::{exponential, fixed, in_radix, parse, parse_leading, parse_whole, precise, to_text};

    #[test]
    fn numbers_print_as_javascript_prints_them() {
        let cases = [
            (1.0, "1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e22, "1e+22"),
            (1e21, "1e+21"),
            (123456789012345680000.0, "123456789012345680000"),
            (1e-7, "1e-7"),
            (1.5e-7, "1.5e-7"),
            (0.000001, "0.000001"),
            (-0.0, "0"),
            (-2.5, "-2.5"),
        ];
        for (number, expect) in cases {
            assert_eq!(to_text(number), expect);
        }
    }

    #[test]
    fn text_reads_as_javascript_reads_it() {
        for (text, expect) in
            [("", 0.0), (" 42 ", 42.0), ("0x1f", 31.0), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0)]
        {
            assert_eq!(parse(text), expect, "{text}");
        }
        for text in ["1_000", "inf", "nan", "0x", "12px", "--1", "infinity"] {
            assert!(parse(text).is_nan(), "{text}");
        }
        assert_eq!(parse_whole("12.9kg", 10), 12.0);
        assert_eq!(parse_leading("3.7abc"), 3.7);
        assert_eq!(parse_leading("1e"), 1.0);
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        assert_eq!(fixed(2.5, 0), "3");
        assert_eq!(fixed(2.345, 1), "2.3");
        assert_eq!(fixed(9.99, 1), "10.0");
        assert_eq!(precise(1234.5678, 6), "1234.57");
        assert_eq!(exponential(12345.0, Some(2)), "1.23e+4");
        assert_eq!(in_radix(255.0, 16), "ff");
    }
}
