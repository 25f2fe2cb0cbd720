//! Cutting a line into its parts: columns with blanks between them, numbers, the name.

use std::str::FromStr;

/// Whether the byte parts columns.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Whether the text is decimal digits and nothing else, however large the number.
pub(super) fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// The number that decimal digits write; `None` also when it does not fit `T`.
pub(super) fn number<T: FromStr>(digits: &[u8]) -> Option<T> {
    // `FromStr` alone would let a sign pass.
    if !is_number(digits) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// `text` without the blanks it begins with.
pub(super) fn skip_blanks(text: &[u8]) -> &[u8] {
    split_where(text, |byte| !is_blank(byte)).1
}

/// The first column and what follows it, the parting blank included.
pub(super) fn column(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (column, rest) = split_where(skip_blanks(text), is_blank);
    (!column.is_empty()).then_some((column, rest))
}

/// The name that follows the last column. One blank parts them, any more belong to the name.
pub(super) fn name_after(column_end: &[u8]) -> Option<&[u8]> {
    let (separator, name) = column_end.split_first()?;
    (is_blank(*separator) && !name.is_empty()).then_some(name)
}

/// Splits before the first byte that `is_border` accepts, or else at the end.
pub(super) fn split_where(text: &[u8], is_border: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let border = text.iter().position(|byte| is_border(*byte));
    text.split_at(border.unwrap_or(text.len()))
}

/// The text before and after the first `separator`.
pub(super) fn split_once<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = text.windows(separator.len()).position(|part| part == separator)?;
    let (before, after) = text.split_at(start);
    Some((before, after.strip_prefix(separator)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_ends_before_its_blank() {
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
    fn a_separator_parts_where_it_first_occurs() {
        assert_eq!(split_once(b"a -> b -> c", b" -> "), Some((&b"a"[..], &b"b -> c"[..])));
        assert_eq!(split_once(b" -> ", b" -> "), Some((&b""[..], &b""[..])));
        assert_eq!(split_once(b"a ->", b" -> "), None);
    }

    #[test]
    fn numbers_are_digits_that_fit() {
        assert_eq!(number::<u8>(b"0255"), Some(255));
        for wrong in [&b""[..], b"256", b"+1", b"-1", b" 1", b"1a", b"\xb2"] {
            assert_eq!(number::<u8>(wrong), None, "{}", wrong.escape_ascii());
        }
    }
}
