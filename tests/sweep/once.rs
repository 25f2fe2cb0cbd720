//! Runs that failed once, whether the sample has them or not.

use ftp_modem::emulator::Plan;

use crate::kit::case::Case;
use crate::kit::crew;
use crate::kit::run::{rehearse, run};

const ONCE: &[&str] = &[
    // A line in the middle of counted data whose end falls where a block ends: bytes of the block follow it.
    "cmcc download: out@1242 insert \"\\r\\nOK\\r\\n\"",
    "fibocom download: out@2318 insert \"\\r\\n+CREG: 1\\r\\n\"",
    "luat download: out@1577 insert \"\\r\\n+CREG: 1\\r\\n\"",
    // A setting that was damaged on its way and not sent a second time.
    "luat store: in@31 flip 0",
    "luat retrieve: in@73 flip 0",
    // Data mode begun in the middle of a command: the first escape completes the command, which begins another.
    "quectel store-at hurried: in@73 datamode",
    "luat names: out@40 datamode",
    // A false ERROR behind the payload: the block was sent twice.
    "luat append: out@69 insert \"\\r\\nERROR\\r\\n\"",
    // A false OK in the middle of the number of bytes that are wanted.
    "fibocom store: out@15 insert \"\\r\\nOK\\r\\n\"",
    // The late error of a command before a restart ended the resynchronisation, and every answer was shifted by one.
    "cmcc mkdir: in@0 restart",
    "quectel retrieve-from: in@32 restart",
    // A module that restarts without a word.
    "generic cdup: in@12 restart",
    // A restart was taken for the reason why the path is refused.
    "fibocom cdup pressed: out@18 restart",
    // And its error lost the number of bytes that had come.
    "fibocom retrieve crlf: out@832 restart",
    // A name of a command that was learnt from a damaged line.
    "fibocom retrieve: in@95 insert \"\\r\\nRING\\r\\n\"",
    // Data whose announcement was lost: an empty listing.
    "fibocom list: line#0 \"OK\" swap",
    "fibocom names: line#0 \"+FTPLIST\" lose",
    "generic names: line#0 \"+FTPLIST\" repeat 1",
    "generic list: line#0 \"+FTPLIST\" delay 100s",
    "luat list: head#0 \"\" number \"0\"",
    "quectel list: line#0 \"CONNECT\" lose",
    // Lines that seemed to be complete.
    "cmcc names: out@171 stall 2s",
    "cmcc names: out@82 restart",
    "cmcc pwd: out@23 hangup",
    "fibocom pwd: line#0 \"+FTPPWD\" repeat 1",
    // Two bytes lost, and a line end in their place; bytes added that push out what looks like a late ERROR.
    "cmcc download: payload#0 shorten 2",
    "cmcc download: out@525 insert \"\\r\\nRING\\r\\n\"",
    // Bytes added to one block of several; the next command does not get through.
    "luat upload: in@681 insert \"\\x00\\xfe~#\\x1b\"",
    "quectel upload: in@764 duplicate",
    // A line end within a command that announces payload: its rest becomes payload, and payload the next command.
    "fibocom upload: in@38 insert \"\\r\\n\"",
    "luat upload: in@111 insert \"\\r\\n\"",
    // An offset that was changed on its way: the first byte is missing, and the last one comes twice.
    "cmcc download: in@137 flip 0",
    "quectel download: in@134 flip 0",
    "generic download: in@88 flip 2",
    // A line end within the number of bytes that follow: its end becomes payload.
    "generic download: out@1145 insert \"\\r\\nOK\\r\\n\"",
    "generic retrieve-from: out@426 insert \"\\r\\nRING\\r\\n\"",
    // Lines of a start just where data end, or an address.
    "cmcc retrieve: out@682 restart",
    "fibocom attach: out@50 restart",
    // The mark of the last block was lost: the module waits for another block and takes no other command.
    "cmcc store: in@36 flip 0",
    "cmcc upload hurried: in@36 flip 0",
    // Probes without an answer after a result code that ended the wait, where there was no time to wait for them.
    "cmcc download pressed: in@102 restart",
    // The last byte a second time: it precedes the next command.
    "cmcc store: in@641 duplicate",
    "quectel store: in@647 duplicate",
    // More bytes than were expected.
    "luat retrieve-from: server norest",
    // A line end within the number of bytes that are offered: the module takes the rest of it for payload.
    "luat upload: in@2866 insert \"\\r\\n\"",
    // A size of 0.
    "luat download: line#0 \"+FTPSIZE\" number \"0\"",
    "generic download: out@346 flip 4",
    // Two bytes added to text or lost from it, where the module ends data with one line end, with two, or with none.
    "luat retrieve crlf: out@300 insert \"xy\"",
    "luat retrieve lf own-line-end: out@300 delete; out@301 delete",
    "fibocom retrieve crlf own-line-end: out@300 insert \"xy\"",
    "quectel retrieve crlf: out@300 insert \"xy\"",
    "quectel retrieve crlf own-line-end: out@300 delete; out@301 delete",
    "generic retrieve crlf two-lines: out@600 insert \"xy\"",
    "generic retrieve crlf own-line-end: out@600 delete; out@601 delete",
    "cmcc retrieve crlf: out@400 insert \"xy\"",
    "cmcc download lf no-line-end: out@1115 delete; out@1116 delete",
    "cmcc retrieve-from crlf no-line-end: out@552 insert \"xy\"",
    // A false ERROR before the prompt: the command was sent once more, as payload.
    "cmcc append pressed: out@0 insert \"\\r\\nERROR\\r\\n\"",
    "cmcc store-at crlf: out@66 insert \"\\r\\nERROR\\r\\n\"",
    // Bytes that were added push a line end out of a block, which no command minds.
    "luat upload crlf: in@2193 duplicate",
    // A line end before the end of the command: what is left of the command becomes payload, and pushes a line end out.
    "fibocom upload crlf: in@40 insert \"\\r\\n\"",
    "fibocom upload lf: in@40 insert \"\\r\\n\"",
    "quectel upload crlf: in@48 insert \"\\r\\n\"",
    "quectel upload lf: in@48 insert \"\\r\\n\"",
    "luat upload crlf: in@2866 insert \"\\r\\n\"",
    "luat upload lf: in@2867 insert \"\\r\\n\"",
    // The module answers what is pushed out by ERROR, before the result of the upload.
    "fibocom upload crlf: in@38 insert \"\\r\\nRING\\r\\n\"",
    "quectel upload crlf: in@48 insert \"\\r\\nOK\\r\\n\"",
    "luat upload crlf: in@2866 insert \"\\r\\n+CREG: 1\\r\\n\"",
    // The module answers what precedes the command by ERROR, and takes the repeated command for payload.
    "fibocom upload crlf: in@0 insert \"\\r\\nERROR\\r\\n\"",
    "quectel upload crlf: in@0 insert \"\\r\\nRING\\r\\n\"",
    // A number of bytes that includes the line end behind them: nothing has shown yet how data end.
    "luat retrieve own-line-end: out@82 flip 1",
    "luat retrieve crlf own-line-end: out@82 flip 1",
    "luat retrieve lf own-line-end: out@82 flip 1",
    // What was learnt from a line that was disturbed was required of the next download.
    "quectel retrieve own-line-end: line#1 \"OK\" delay 2s",
    // Commands that came twice: more answers than commands, which the next commands took for theirs.
    "generic retrieve-from: in@51 repeat 64",
    // Errors that reported less than the server had.
    "quectel append: in@114 insert \"\\r\\nOK\\r\\n\"",
    "fibocom upload: in@1198 stall forever",
    "luat store: in@133 restart",
    "generic store: server 426 1",
    "cmcc store-at: in@71 datamode",
    "cmcc upload hurried: in@41 flip 1",
];

#[test]
fn cases_that_failed_once_pass() {
    let folder = crew::scratch();
    let mut failures = Vec::new();
    for line in ONCE {
        let case: Case = line.parse().unwrap();
        assert_eq!(case.to_string(), *line);
        let without_fault = Case { plan: Plan::none(), ..case.clone() };
        let (reference, _) = rehearse(&without_fault, folder.path()).unwrap();
        let outcome = run(&case, &reference, folder.path());
        failures.extend(outcome.failure().map(|words| format!("{line}: {words}")));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
