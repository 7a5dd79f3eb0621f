//! The formats of texts that forms use.

/// What a text fails to be, for the formats that forms use; an unknown format holds for every text.
pub fn misses_format(format: &str, text: &str) -> Option<&'static str> {
    let (noun, fits) = match format {
        "email" => (
            "an e-mail address",
            text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.') && !b.contains('@')),
        ),
        "uri" | "url" => (
            "a URL",
            text.split_once(':')
                .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty() && !text.contains(' ')),
        ),
        "date" => ("a date such as 2026-01-31", is_date(text)),
        "date-time" => (
            "a time such as 2026-01-31T12:00:00Z",
            text.split_once(['T', 't']).is_some_and(|(date, time)| is_date(date) && time.len() >= 9),
        ),
        "hostname" => ("a host name", !text.is_empty() && text.len() <= 253 && text.split('.').all(is_label)),
        "ipv4" => ("an IPv4 address", text.parse::<std::net::Ipv4Addr>().is_ok()),
        "ipv6" => ("an IPv6 address", text.parse::<std::net::Ipv6Addr>().is_ok()),
        _ => return None,
    };
    (!fits).then_some(noun)
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10
}

fn is_label(label: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !label.is_empty()
        && label.len() <= 63
        && label.chars().all(fits)
        && !label.starts_with('-')
        && !label.ends_with('-')
}
