//! Kubernetes quantities, exactly: `250m`, `1.5Gi`, `12e6`, `412345678n`.

/// An amount in billionths, the finest that the API stores; what is finer is rounded up, as the API does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    pub nanos: i128,
}

const NANOS: i128 = 1_000_000_000;

impl Quantity {
    /// Nothing where the text is no quantity, or one beyond all bounds.
    pub fn parse(text: &str) -> Option<Quantity> {
        let text = text.trim();
        let (sign, digits) = match text.as_bytes().first()? {
            b'-' => (-1, &text[1..]),
            b'+' => (1, &text[1..]),
            _ => (1, text),
        };
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
        let (number, suffix) = digits.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let value: i128 = format!("{whole}{fraction}").parse().ok()?;
        let (factor, exponent) = scale(suffix)?;
        let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?.checked_add(9)?;
        let value = value.checked_mul(factor)?;
        let power = 10_i128.checked_pow(exponent.unsigned_abs());
        let nanos = match (exponent < 0, power) {
            (false, Some(power)) => value.checked_mul(power)?,
            (true, Some(power)) => up(value, power),
            (false, None) if value == 0 => 0,
            (false, None) => return None,
            (true, None) => i128::from(value > 0),
        };
        Some(Quantity { nanos: sign * nanos })
    }

    /// Whole units, rounded up: bytes.
    pub fn units(self) -> i64 {
        i64::try_from(up(self.nanos, NANOS)).unwrap_or(i64::MAX)
    }

    /// Thousandths, rounded up: millicores.
    pub fn thousandths(self) -> i64 {
        i64::try_from(up(self.nanos, NANOS / 1000)).unwrap_or(i64::MAX)
    }

    pub fn plus(self, other: Quantity) -> Quantity {
        Quantity { nanos: self.nanos.saturating_add(other.nanos) }
    }

    /// How many hundredths of the other this is, rounded down; nothing of nothing.
    pub fn percent_of(self, whole: Quantity) -> Option<i64> {
        let percent = self.nanos.checked_mul(100)?.checked_div(whole.nanos)?;
        i64::try_from(percent).ok()
    }
}

/// What a suffix multiplies by: a factor, and a power of ten.
fn scale(suffix: &str) -> Option<(i128, i32)> {
    let decimal = |exponent| Some((1, exponent));
    let binary = |power| Some((1_i128 << power, 0));
    match suffix {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => decimal(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    }
}

fn up(value: i128, by: i128) -> i128 {
    value / by + i128::from(value % by > 0)
}

#[cfg(test)]
mod tests {
    use super::{NANOS, Quantity};

    #[track_caller]
    fn check(text: &str, nanos: Option<i128>) {
        assert_eq!(Quantity::parse(text).map(|quantity| quantity.nanos), nanos, "{text:?}");
    }

    #[test]
    fn every_suffix_is_exact() {
        for (text, nanos) in [
            ("0", 0),
            ("1", NANOS),
            ("250m", NANOS / 4),
            ("412345678n", 412_345_678),
            ("15u", 15_000),
            ("1.5", NANOS * 3 / 2),
            (".5", NANOS / 2),
            ("5.", 5 * NANOS),
            ("+2k", 2000 * NANOS),
            ("-1", -NANOS),
            ("128974848", 128_974_848 * NANOS),
            ("129e6", 129_000_000 * NANOS),
            ("1E3", 1000 * NANOS),
            ("1e-3", NANOS / 1000),
            ("1E", 1_000_000_000_000_000_000 * NANOS),
            ("128974848000m", 128_974_848 * NANOS),
            ("123Mi", 123 * 1_048_576 * NANOS),
            ("1.5Gi", 1_610_612_736 * NANOS),
            ("1Ki", 1024 * NANOS),
            ("0.1Ki", 102_400_000_000),
            ("7Ei", 7 * (1_i128 << 60) * NANOS),
        ] {
            check(text, Some(nanos));
        }
    }

    #[test]
    fn what_is_finer_than_a_billionth_is_rounded_up() {
        check("0.0000000001", Some(1));
        check("1e-400", Some(1));
        check("0e-400", Some(0));
        check("0e400", Some(0));
        assert_eq!(Quantity::parse("1n").map(|q| (q.thousandths(), q.units())), Some((1, 1)));
        assert_eq!(Quantity::parse("1500m").map(|q| (q.thousandths(), q.units())), Some((1500, 2)));
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for text in [
            "",
            " ",
            "m",
            "-",
            ".",
            "1.2.3",
            "1 Gi",
            "1gi",
            "0x10",
            "1e",
            "1e2e3",
            "é",
            "1é",
            "1e400",
            "99999999999999999999999999999999999999999",
            "1e9999999999",
            "9999999999999999999999999999999Ei",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn parts_of_a_whole() {
        let of = |part: &str, whole: &str| {
            Quantity::parse(part).and_then(|part| part.percent_of(Quantity::parse(whole).unwrap_or_default()))
        };
        assert_eq!(of("256Mi", "1Gi"), Some(25));
        assert_eq!(of("999m", "1"), Some(99));
        assert_eq!(of("2", "1"), Some(200));
        assert_eq!(of("1", "0"), None);
        let sum = [Quantity::parse("512Mi"), Quantity::parse("128Mi")].into_iter().flatten();
        assert_eq!(sum.fold(Quantity::default(), Quantity::plus).units(), 671_088_640);
    }
}
