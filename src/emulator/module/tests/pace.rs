//! The rate of the line.

use super::*;

fn at_rate(rate: u32, time: Duration) -> f64 {
    f64::from(rate) / 10.0 * time.as_secs_f64()
}

/// Looks at the module only when it says so, at times much later, as a thread among many others would.
fn late(turn: u32) -> Duration {
    MILLISECOND * [0, 3, 0, 40, 1, 0, 7].into_iter().nth(turn as usize % 7).unwrap()
}

#[test]
fn output_keeps_its_rate() {
    for rate in RATES {
        let (mut bench, _) = bench(quiet().with_line_rate(rate));
        let module = bench.module.module_mut();
        module.receive(Duration::ZERO, format!("AT+GET={rate}\r").as_bytes());
        let (mut out, mut now) = (Vec::new(), Duration::ZERO);
        for turn in 0.. {
            module.transmit(now, &mut out);
            // The time of a byte is in whole nanoseconds.
            assert!(out.len() as f64 <= 1.0002 * at_rate(rate, now) + 1.0, "never ahead of the line");
            if now >= SECOND {
                break;
            }
            now = module.next_event().unwrap() + late(turn);
        }
        let all = at_rate(rate, now);
        assert!(out.len() as f64 >= 0.99 * all, "{rate}: {} of {all}", out.len());
    }
}

#[test]
fn output_held_up_for_long_does_not_come_in_a_burst() {
    let (mut bench, _) = bench(quiet().with_line_rate(115_200));
    let module = bench.module.module_mut();
    module.receive(Duration::ZERO, b"AT+GET=100000\r");
    let mut out = Vec::new();
    module.transmit(20 * MILLISECOND, &mut out);
    out.clear();
    module.resume_pace(5 * SECOND);
    module.transmit(5 * SECOND, &mut out);
    assert_eq!(out.len(), 230);
    module.transmit(5 * SECOND, &mut out);
    assert_eq!(out.len(), 230);
}

#[test]
fn what_follows_a_stream_is_not_late() {
    let whole = "\r\nCONNECT\r\n".len() + 1000 + "\r\nOK\r\n\r\n+GET: 1000\r\n".len();
    for rate in RATES {
        let (mut bench, _) = bench(quiet().with_line_rate(rate));
        let module = bench.module.module_mut();
        module.receive(Duration::ZERO, b"AT+GET=1000\r");
        let byte = Duration::from_nanos(10_000_000_000 / u64::from(rate));
        let mut out = Vec::new();
        // Looked at once, when all of it must have left.
        let end = byte * u32::try_from("AT+GET=1000\r".len() + whole).unwrap();
        module.transmit(end, &mut out);
        assert_eq!(out.len(), whole);
    }
}

#[test]
fn input_keeps_its_rate() {
    for rate in RATES {
        let (mut bench, received) = bench(quiet().with_line_rate(rate));
        let module = bench.module.module_mut();
        let (mut sent, mut now) = (0, Duration::ZERO);
        module.receive(now, b"AT+PUT=1000000\r");
        for turn in 0.. {
            let capacity = module.receive_capacity(now);
            sent += capacity;
            module.receive(now, &vec![b'x'; capacity]);
            module.keep_receiving(true);
            assert!(sent as f64 <= at_rate(rate, now + AHEAD), "not far ahead of the line");
            if now >= SECOND {
                break;
            }
            // No sooner than when half of the room is free again, so that it is worth while.
            let then = module.receive_time();
            assert!(then >= now + 8 * MILLISECOND || turn > 0);
            now = then.max(now) + late(turn);
        }
        assert_eq!(received.lock().unwrap().len(), sent);
        let all = at_rate(rate, now);
        assert!(sent as f64 >= 0.99 * all, "{rate}: {sent} of {all}");
        // What is sent after a pause has not come before.
        module.keep_receiving(false);
        now += SECOND;
        assert!(module.receive_capacity(now) as f64 <= at_rate(rate, AHEAD));
        // What was held up is made up for in part only.
        module.keep_receiving(true);
        module.resume_pace(now);
        assert!(module.receive_capacity(now) as f64 <= 2.0 * at_rate(rate, AHEAD));
    }
}
