//! What the doctor saw, step by step, as text or JSON.

use console::Term;
use serde::Serialize;

use crate::failure::Failure;
use crate::output;
use crate::text::shown;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Port,
    Permissions,
    ModemManager,
    Module,
    Sim,
    Signal,
    Registration,
    Attach,
    Bearer,
    NameResolution,
    Login,
    DataConnection,
    Listing,
    Upload,
    ReadBack,
}

impl Step {
    /// The steps that need a server.
    pub const OF_SERVER: [Step; 4] = [Step::NameResolution, Step::Login, Step::DataConnection, Step::Listing];

    /// The steps of every run, in order.
    const ALWAYS: [Step; 13] = [
        Step::Port,
        Step::Permissions,
        Step::ModemManager,
        Step::Module,
        Step::Sim,
        Step::Signal,
        Step::Registration,
        Step::Attach,
        Step::Bearer,
        Step::NameResolution,
        Step::Login,
        Step::DataConnection,
        Step::Listing,
    ];

    fn name(self) -> &'static str {
        match self {
            Step::Port => "port",
            Step::Permissions => "permissions",
            Step::ModemManager => "modem-manager",
            Step::Module => "module",
            Step::Sim => "sim",
            Step::Signal => "signal",
            Step::Registration => "registration",
            Step::Attach => "attach",
            Step::Bearer => "bearer",
            Step::NameResolution => "name-resolution",
            Step::Login => "login",
            Step::DataConnection => "data-connection",
            Step::Listing => "listing",
            Step::Upload => "upload",
            Step::ReadBack => "read-back",
        }
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Ok,
    Warning,
    Failed,
    /// The step does not apply, or an earlier one failed.
    Skipped,
}

/// JSON of one step.
#[derive(Serialize)]
struct Finding {
    step: Step,
    state: State,
    seen: String,
    remedy: Option<String>,
}

/// JSON of the whole.
#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    steps: &'a [Finding],
}

/// What the doctor saw so far. Text is printed step by step, JSON at the end.
pub struct Report {
    json: bool,
    /// Columns of the terminal; `None` without one.
    width: Option<usize>,
    findings: Vec<Finding>,
}

impl Report {
    /// Creates an empty report.
    pub fn new(json: bool) -> Self {
        let terminal = Term::stdout();
        let width = if terminal.is_term() { terminal.size_checked() } else { None };
        Report { json, width: width.map(|(_, columns)| columns.into()), findings: Vec::new() }
    }

    /// Notes that a step succeeded.
    pub fn ok(&mut self, step: Step, seen: impl Into<String>) -> Result<(), Failure> {
        self.add(step, State::Ok, seen.into(), None)
    }

    /// Notes something that may be the cause of trouble.
    pub fn warn(&mut self, step: Step, seen: impl Into<String>, remedy: impl Into<String>) -> Result<(), Failure> {
        self.add(step, State::Warning, seen.into(), Some(remedy.into()))
    }

    /// Notes that a step does not apply.
    pub fn skip(&mut self, step: Step, why: impl Into<String>) -> Result<(), Failure> {
        self.add(step, State::Skipped, why.into(), None)
    }

    /// Notes that a step failed, and returns its failure, which ends the run.
    pub fn fail<T>(&mut self, step: Step, failure: Failure) -> Result<T, Failure> {
        let remedy = Some(failure.remedy().to_owned()).filter(|remedy| !remedy.is_empty());
        self.add(step, State::Failed, failure.symptom().to_owned(), remedy)?;
        Err(failure)
    }

    /// Names the steps that were not reached, and prints the JSON.
    pub fn finish(mut self) -> Result<(), Failure> {
        let is_missing = |step: &Step| self.findings.iter().all(|finding| finding.step != *step);
        let missing: Vec<Step> = Step::ALWAYS.into_iter().filter(is_missing).collect();
        if !self.json {
            let names: Vec<&str> = missing.iter().map(|step| step.name()).collect();
            return if names.is_empty() { Ok(()) } else { self.print("", "not reached", &names.join(", ")) };
        }
        let skipped = |step| Finding { step, state: State::Skipped, seen: "not reached".to_owned(), remedy: None };
        self.findings.extend(missing.into_iter().map(skipped));
        let ok = self.findings.iter().all(|finding| finding.state != State::Failed);
        output::json(&Document { ok, steps: &self.findings })
    }

    fn add(&mut self, step: Step, state: State, seen: String, remedy: Option<String>) -> Result<(), Failure> {
        if !self.json {
            let state = match state {
                State::Ok => "ok",
                State::Warning => "warning",
                State::Failed => "FAILED",
                State::Skipped => "-",
            };
            self.print(state, step.name(), &seen)?;
            if let Some(remedy) = &remedy {
                self.print("", "", &format!("=> {remedy}"))?;
            }
        }
        self.findings.push(Finding { step, state, seen, remedy });
        Ok(())
    }

    /// Prints one finding as columns; on a narrow terminal the text has lines of its own.
    fn print(&self, state: &str, name: &str, text: &str) -> Result<(), Failure> {
        const INDENT: usize = 25;
        let text = shown(text);
        let width = self.width.unwrap_or(usize::MAX);
        let head = format!("{state:<8} {name}");
        if width < INDENT * 2 {
            if !name.is_empty() {
                output::line(&head)?;
            }
            return wrapped(&text, width - 2).iter().try_for_each(|line| output::line(&format!("  {line}")));
        }
        let mut head = head;
        for line in wrapped(&text, width - INDENT) {
            output::line(format!("{head:<INDENT$}{line}").trim_end())?;
            head.clear();
        }
        Ok(())
    }
}

/// Breaks `text` into lines of at most `width` characters. A longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words() {
        let cases: [(&str, usize, &[&str]); 4] = [
            ("", 10, &[""]),
            ("one two three", 7, &["one two", "three"]),
            ("a verylongword b", 5, &["a", "verylongword", "b"]),
            ("one two", usize::MAX, &["one two"]),
        ];
        for (text, width, lines) in cases {
            assert_eq!(wrapped(text, width), lines);
        }
    }
}
