//! Patterns of names on the server: `*` stands for any text, `?` for any character.

/// Returns whether the last component of a path is a pattern.
pub fn is_pattern(path: &str) -> bool {
    split(path).1.contains(['*', '?'])
}

/// Returns the directory of a path, with its `/`, and the last component.
pub fn split(path: &str) -> (&str, &str) {
    path.split_at(path.rfind('/').map_or(0, |slash| slash + 1))
}

/// Returns whether `name` matches `pattern`. A leading dot is matched by a dot only, as in shells.
pub fn matches(pattern: &str, name: &str) -> bool {
    let is_hidden = name.starts_with('.') && !pattern.starts_with('.');
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    !is_hidden && rest_matches(&pattern, &name)
}

fn rest_matches(mut pattern: &[char], mut name: &[char]) -> bool {
    // Where the last star stood, and the text that it stands for at least.
    let mut star: Option<(&[char], &[char])> = None;
    loop {
        (pattern, name) = match (pattern, name) {
            ([], []) => return true,
            (['*', after @ ..], _) => {
                star = Some((after, name));
                (after, name)
            }
            ([first, after @ ..], [letter, rest @ ..]) if *first == '?' || first == letter => (after, rest),
            _ => match star {
                Some((after, [_, rest @ ..])) => {
                    star = Some((after, rest));
                    (after, rest)
                }
                _ => return false,
            },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_shells() {
        for (pattern, name, expected) in [
            ("*.bin", "a.bin", true),
            ("*.bin", "a.bin.old", false),
            ("*", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("?.txt", "ü.txt", true),
            ("?.txt", ".txt", false),
            ("*", ".hidden", false),
            (".*", ".hidden", true),
            ("a[1].bin", "a[1].bin", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern}, {name}");
        }
        // No backtracking that takes for ever.
        assert!(!matches(&"a*".repeat(40), &format!("{}b", "a".repeat(39))));
    }

    #[test]
    fn only_the_name_is_a_pattern() {
        for (path, expected) in [("/out/*.bin", true), ("*", true), ("/o*t/a", false), ("a[1]", false)] {
            assert_eq!(is_pattern(path), expected, "{path}");
        }
        assert_eq!((split("/out/a"), split("a"), split("/a")), (("/out/", "a"), ("", "a"), ("/", "a")));
    }
}
