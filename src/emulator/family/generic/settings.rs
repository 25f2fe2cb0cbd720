//! What the generic dialect keeps between commands, and how it prints it.

use super::options::{GenericOptions, PortForm};
use crate::emulator::command::{Command, Form, Malformed, number};

/// The values the `AT+FTP…` commands set.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) mode: u8,
    binary: bool,
    pub(super) reset: u64,
    pub(super) port: u64,
    /// As given to `AT+FTPSERV`, with the port in the newer edition.
    pub(super) server: String,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) get_name: String,
    pub(super) put_name: String,
    pub(super) path: String,
}

impl Settings {
    pub(super) fn new(options: &GenericOptions) -> Self {
        Self {
            mode: options.initial_mode,
            binary: options.initially_binary,
            reset: 0,
            port: 21,
            server: String::new(),
            user: String::new(),
            password: String::new(),
            get_name: String::new(),
            put_name: String::new(),
            path: String::new(),
        }
    }

    /// The answer to a read or test form, blanks as the manual prints them.
    pub(super) fn printed(&self, options: &GenericOptions, command: &Command<'_>) -> Option<String> {
        let misprint = |wrong: &str, right: &str| {
            if options.misprints { wrong.to_owned() } else { right.to_owned() }
        };
        let name = command.name.as_str();
        Some(match (command.form, name) {
            (Form::Read, "+FTPMODE") => format!("+FTPMODE: {}", self.mode),
            (Form::Read, "+FTPTYPE") => format!("+FTPTYPE: {}", self.type_letter()),
            (Form::Read, "+FTPRESET") => format!("+FTPRESET:{}", self.reset),
            (Form::Read, "+FTPPORT") => format!("+FTPPORT: {}", self.port),
            (Form::Read, "+FTPSERV") => format!("+FTPSERV: {}", self.server),
            (Form::Read, "+FTPUN") => format!("+FTPUN: {}", self.user),
            (Form::Read, "+FTPPW") => format!("+FTPPW: {}", self.password),
            (Form::Read, "+FTPGETNAME") => {
                format!("{}{}", misprint("+FTPGETNAME", "+FTPGETNAME:"), self.get_name)
            }
            (Form::Read, "+FTPPUTNAME") => format!("+FTPPUTNAME: {}", self.put_name),
            (Form::Read, "+FTPPATH") => format!("+FTPPATH: {}", self.path),
            // Printed as a test form in the manual's example, as `=?` in its table.
            (Form::Read | Form::Test, "+FTPGET") => "+FTPGET".to_owned(),
            (Form::Test, "+FTPMODE") => "+FTPMODE: (0-1)".to_owned(),
            (Form::Test, "+FTPTYPE") => "+FTPTYPE: (I/A)".to_owned(),
            (Form::Test, "+FTPRESET") => "+FTPRESET:<value>".to_owned(),
            (Form::Test, "+FTPPORT") => "+FTPPORT: (1-65535)".to_owned(),
            (Form::Test, "+FTPSERV") => match options.port_form {
                PortForm::Command => misprint("+FTPMODE: <IP>", "+FTPSERV: <IP>"),
                PortForm::InServer => misprint("+FTPMODE: <IP>", "+FTPSERV: <IP>,<port>"),
            },
            (Form::Test, "+FTPUN") => "+FTPUN: <username>".to_owned(),
            (Form::Test, "+FTPPW") => misprint("+FTPUN: <password>", "+FTPPW: <password>"),
            (Form::Test, "+FTPGETNAME") => "+FTPGETNAME:<file name>".to_owned(),
            (Form::Test, "+FTPPUTNAME") => "+FTPPUTNAME:<put name>".to_owned(),
            (Form::Test, "+FTPPATH") => "+FTPPATH:<file path>".to_owned(),
            (Form::Test, "+FTPMKD") => "+FTPMKD:<dir>".to_owned(),
            (Form::Test, "+FTPRMD") => misprint("+FTPMKD: <dir>", "+FTPRMD:<dir>"),
            (Form::Test, "+FTPPUT" | "+FTPSCON" | "+FTPQUIT") => name.to_owned(),
            _ => return None,
        })
    }

    /// The set forms with a number or a letter.
    pub(super) fn set(&mut self, command: &Command<'_>) -> Result<(), Malformed> {
        let argument = command.arguments;
        match command.name.as_str() {
            "+FTPMODE" => self.mode = u8::from(number(argument, 0..=1)? == 1),
            "+FTPPORT" => self.port = number(argument, 1..=65535)?,
            "+FTPTYPE" => {
                self.binary = match argument {
                    b"I" => true,
                    b"A" => false,
                    _ => return Err(Malformed),
                }
            }
            // Valid in type I only (UC8088 FTP manual, "AT+FTPRESET").
            "+FTPRESET" if self.binary => self.reset = number(argument, 0..=u64::from(u32::MAX))?,
            _ => return Err(Malformed),
        }
        Ok(())
    }

    const fn type_letter(&self) -> char {
        if self.binary { 'I' } else { 'A' }
    }

    /// The answer to `AT+FTPSCON`, whose lines the manual leaves open (`XXX`).
    pub(super) fn report(&self) -> String {
        let lines = [
            "+FTPSCON:".to_owned(),
            format!("FTPSERV:{}", self.server),
            format!("FTPPORT:{}", self.port),
            format!("FTPUN:{}", self.user),
            format!("FTPPW:{}", self.password),
            format!("FTPMODE:{}", self.mode),
            format!("FTPTYPE:{}", self.type_letter()),
            format!("FTPRESET:{}", self.reset),
            format!("FTPGETNAME:{}", self.get_name),
            format!("FTPPUTNAME:{}", self.put_name),
            format!("FTPPATH:{}", self.path),
        ];
        lines.join("\r\n")
    }
}
