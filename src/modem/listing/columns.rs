//! Splits a line into columns, which blanks separate, and the name.

use std::str::FromStr;

/// Returns whether the byte separates columns.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns whether the text consists of decimal digits only, however large the number.
pub(super) fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Returns whether the text is the negative number that a size beyond 31 bits becomes. `-1` means "not known".
pub(crate) fn is_overflow(text: &[u8]) -> bool {
    text.strip_prefix(b"-").is_some_and(|digits| is_number(digits) && digits != b"1")
}

/// Parses a decimal number. `None` if the text has another character or the number does not fit `T`.
pub(super) fn number<T: FromStr>(digits: &[u8]) -> Option<T> {
    // `FromStr` alone would accept a sign.
    if !is_number(digits) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Returns `text` without leading blanks.
pub(super) fn skip_blanks(text: &[u8]) -> &[u8] {
    split_where(text, |byte| !is_blank(byte)).1
}

/// Returns the first column and the text after it, which begins with the separating blank.
pub(super) fn column(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (column, rest) = split_where(skip_blanks(text), is_blank);
    (!column.is_empty()).then_some((column, rest))
}

/// Returns the name after the last column. One blank separates them; further blanks belong to the name.
pub(super) fn name_after(column_end: &[u8]) -> Option<&[u8]> {
    let (separator, name) = column_end.split_first()?;
    (is_blank(*separator) && !name.is_empty()).then_some(name)
}

/// Splits before the first byte that `is_border` accepts. Without such a byte, splits at the end.
pub(super) fn split_where(text: &[u8], is_border: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let border = text.iter().position(|byte| is_border(*byte));
    text.split_at(border.unwrap_or(text.len()))
}

/// Returns the text before and after the first `separator`.
pub(super) fn split_once<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = text.windows(separator.len()).position(|part| part == separator)?;
    let (before, after) = text.split_at(start);
    Some((before, after.strip_prefix(separator)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_ends_before_the_blank() {
        assert_eq!(column(b"  ab \tc"), Some((&b"ab"[..], &b" \tc"[..])));
        assert_eq!(column(b"ab"), Some((&b"ab"[..], &b""[..])));
        assert_eq!(column(b" \t "), None);
    }

    #[test]
    fn a_name_begins_after_one_blank() {
        assert_eq!(name_after(b" a"), Some(&b"a"[..]));
        assert_eq!(name_after(b"  a "), Some(&b" a "[..]));
        for nameless in [&b""[..], b" ", b"a"] {
            assert_eq!(name_after(nameless), None);
        }
    }

    #[test]
    fn text_is_split_at_the_first_separator() {
        assert_eq!(split_once(b"a -> b -> c", b" -> "), Some((&b"a"[..], &b"b -> c"[..])));
        assert_eq!(split_once(b" -> ", b" -> "), Some((&b""[..], &b""[..])));
        assert_eq!(split_once(b"a ->", b" -> "), None);
    }

    #[test]
    fn a_number_has_only_digits_and_fits_its_type() {
        assert_eq!(number::<u8>(b"0255"), Some(255));
        for wrong in [&b""[..], b"256", b"+1", b"-1", b" 1", b"1a", b"\xb2"] {
            assert_eq!(number::<u8>(wrong), None, "{}", wrong.escape_ascii());
        }
    }
}
