//! The framer's state between two reads: the spacing of lines, and lines without a line end.
//!
//! Invariant: `blank` counts the line-end bytes that were used up since the last token.

use super::framer::{self, Expect, Step, Token};
use super::line::Line;

/// A token, taken out of the buffer; `used` bytes of the input are done with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub used: usize,
    pub piece: Piece,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// No complete token is there.
    More,
    /// No line can be this long.
    Overlong,
    /// A line that silence seemed to have ended goes on.
    Continued,
    Echo,
    Prompt,
    /// The head of a line whose payload follows.
    Header(Line),
    Line(Line),
}

#[derive(Debug, Default)]
pub struct Tokens {
    /// How lines begin that may lack their line end.
    unended: Option<&'static str>,
    /// Number of line-end bytes before the token that came last, and since.
    blank_before: usize,
    blank: usize,
    /// Whether silence ended the line that came last.
    ended_by_silence: bool,
    /// Whether silence, or another line, has ended any line.
    has_seen_unended: bool,
}

impl Tokens {
    /// Lines that begin with `start` may lack their line end: silence or the next such line ends them, too.
    pub(super) fn allow_unended(&mut self, start: &'static str) {
        self.unended = Some(start);
    }

    /// Number of line-end bytes before the line or head that came last.
    pub fn blank_before(&self) -> usize {
        self.blank_before
    }

    /// Number of line-end bytes since the line or head that came last.
    pub fn blank(&self) -> usize {
        self.blank
    }

    /// Whether the line that came last had no line end, so that the rest of it may still come. If it does, that is an
    /// error.
    pub fn is_cut(&self) -> bool {
        self.ended_by_silence
    }

    /// Whether the module was seen to leave line ends out.
    pub fn may_lack_line_ends(&self) -> bool {
        self.has_seen_unended
    }

    /// Cuts the first token out of `waiting`. `echo` is the command line whose echo may still come.
    pub(super) fn next(&mut self, waiting: &[u8], expect: Expect, echo: Option<&[u8]>) -> Cut {
        if let Some(byte) = waiting.first().copied().filter(|_| self.ended_by_silence) {
            self.ended_by_silence = false;
            if !matches!(byte, b'\r' | b'\n' | b'+') {
                return Cut { used: 0, piece: Piece::Continued };
            }
        }
        let blank = waiting.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (token, used) = match framer::next(waiting, expect, echo) {
            Step::Token { token, used } => (token, used),
            Step::More { used } => {
                self.blank += used;
                return Cut { used, piece: Piece::More };
            }
            Step::Overlong => return Cut { used: waiting.len(), piece: Piece::Overlong },
        };
        self.blank_before = std::mem::take(&mut self.blank) + blank;
        match token {
            Token::Echo => Cut { used, piece: Piece::Echo },
            Token::Prompt => Cut { used, piece: Piece::Prompt },
            Token::Header(head) => Cut { used, piece: Piece::Header(Line::new(head)) },
            Token::Line(line) => {
                let end = self.unended.and_then(|start| glued(line, start.as_bytes()));
                self.has_seen_unended |= end.is_some();
                // A line that is glued to this one comes next, with the line end that this one lacks.
                let used = end.map_or(used, |end| blank + end);
                Cut { used, piece: Piece::Line(Line::new(end.and_then(|end| line.get(..end)).unwrap_or(line))) }
            }
        }
    }

    /// Whether `waiting` holds the beginning of a line that may lack its line end.
    pub(super) fn has_unended(&self, waiting: &[u8], expect: Expect) -> bool {
        let line = waiting.trim_ascii_start();
        let may_be_head = match expect {
            Expect::Header(header) => line.starts_with(header.prefix.as_bytes()),
            Expect::Line | Expect::Prompt => false,
        };
        let has_begun = self.unended.is_some_and(|start| line.starts_with(start.as_bytes())) && line.contains(&b':');
        // What begins with a quotation mark does not end without it.
        let is_quoted = line.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        let may_end_here = line.last().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'"');
        has_begun && !may_be_head && !is_quoted && may_end_here
    }

    /// Cuts the line that silence has ended out of `waiting`.
    pub(super) fn unended(&mut self, waiting: &[u8]) -> (Line, usize) {
        let line = waiting.trim_ascii_start();
        let blank = waiting.len() - line.len();
        let end = self.unended.and_then(|start| glued(line, start.as_bytes())).unwrap_or(line.len());
        self.ended_by_silence = true;
        self.has_seen_unended = true;
        (Line::new(line.get(..end).unwrap_or(line)), blank + end)
    }
}

/// Where in `line` another line begins that starts with `start`, outside quotation marks.
fn glued(line: &[u8], start: &[u8]) -> Option<usize> {
    let mut is_quoted = false;
    let begins = |index: usize| line.get(index..).is_some_and(|rest| rest.starts_with(start));
    line.iter().enumerate().skip(1).find_map(|(index, byte)| {
        is_quoted ^= *byte == b'"';
        (!is_quoted && line.starts_with(start) && begins(index)).then_some(index)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Piece {
        Piece::Line(Line::new(text.as_bytes()))
    }

    #[test]
    fn lines_that_are_glued_to_each_other_come_one_by_one() {
        let mut tokens = Tokens::default();
        tokens.allow_unended("+X");
        let mut rest = &b"\r\n+X: 1,\"+X\"+X: 2\r\n"[..];
        for (blank, expected) in [(2, line("+X: 1,\"+X\"")), (0, line("+X: 2"))] {
            let cut = tokens.next(rest, Expect::Line, None);
            assert_eq!((tokens.blank_before(), cut.piece), (blank, expected));
            rest = &rest[cut.used..];
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn a_line_that_lacks_its_end_is_recognised_and_must_not_go_on() {
        let mut tokens = Tokens::default();
        tokens.allow_unended("+X");
        for (waiting, is_unended) in [
            (&b"\r\n+X: 1,2"[..], true),
            (b"+X: \"a\"", true),
            (b"+X: \"a", false),
            (b"+X", false),
            (b"+Y: 1", false),
            (b"+X: 1,", false),
        ] {
            assert_eq!(tokens.has_unended(waiting, Expect::Line), is_unended, "{}", String::from_utf8_lossy(waiting));
        }
        for (behind, piece) in [(&b"3\r\n"[..], Piece::Continued), (b"+X: 3\r\n", line("+X: 3"))] {
            assert_eq!(tokens.unended(b"\r\n+X: 1"), (Line::new(b"+X: 1"), 7));
            assert!(tokens.is_cut());
            assert_eq!(tokens.next(behind, Expect::Line, None).piece, piece);
        }
    }

    #[test]
    fn the_spacing_before_a_token_counts_line_ends_that_came_earlier() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.next(b"\r\n", Expect::Line, None), Cut { used: 2, piece: Piece::More });
        assert_eq!(tokens.next(b"\r\nOK\r\n", Expect::Line, None).piece, line("OK"));
        assert_eq!(tokens.blank_before(), 4);
    }
}
