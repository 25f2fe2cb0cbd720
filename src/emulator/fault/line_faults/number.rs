//! The faults of numbers.

use crate::emulator::fault::Number;

/// Returns `line` with one number changed: the one with `back` numbers behind it, looked for from `start` on.
pub(super) fn renumbered(line: &[u8], start: usize, back: u32, number: &Number) -> Vec<u8> {
    let text = line.get(start..).unwrap_or_default();
    // Where the line was last cut, and how many digits end there.
    let (mut end, mut count) = (text.len(), 0);
    for _ in 0..=back {
        let left = text.get(..end.saturating_sub(count)).unwrap_or_default();
        let Some(last) = left.iter().rposition(u8::is_ascii_digit) else {
            return line.to_owned();
        };
        end = last.saturating_add(1);
        count = text.get(..end).unwrap_or_default().iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    }
    let digits = text.get(..end).unwrap_or_default();
    let (before, old) = digits.split_at(end.saturating_sub(count));
    let old = std::str::from_utf8(old).unwrap_or_default();
    let old: u64 = old.parse().unwrap_or(u64::MAX);
    let new = match number {
        Number::More(more) => old.saturating_add(*more).to_string(),
        Number::Fewer(fewer) => old.saturating_sub(*fewer).to_string(),
        Number::Text(text) => text.clone(),
    };
    let mut changed = line.get(..start).unwrap_or_default().to_vec();
    changed.extend_from_slice(before);
    changed.extend_from_slice(new.as_bytes());
    changed.extend_from_slice(text.get(end..).unwrap_or_default());
    changed
}
