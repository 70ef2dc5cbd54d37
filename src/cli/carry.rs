//! A plan being carried out: what is said meanwhile, the account on disk, and signals.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::apply::{self, OnFailure, Options, Report, Stop, Watch, execute};
use crate::model::ApiName;
use crate::plan::Plan;
use crate::render::counted;
use crate::salesforce::{Client, Usage};

use super::args::{Global, ReportFile};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{Output, beside};

/// Turns a report into the text of a file.
pub(super) type Tell<'a> = &'a dyn Fn(&ReportFile, &Report) -> Result<String, Failure>;

/// What an apply works with.
pub(super) struct Carry<'a> {
    pub(super) global: &'a Global,
    pub(super) environment: &'a Environment,
    pub(super) output: &'a Output,
    pub(super) files: &'a [ReportFile],
    /// The fields by which a contact is known.
    pub(super) match_fields: &'a [ApiName],
    pub(super) tell: Tell<'a>,
}

/// How an apply ended.
pub(super) struct Carried {
    pub(super) report: Report,
    /// The status of a process that was told to end.
    pub(super) signal: Option<Exit>,
}

impl Carry<'_> {
    /// Carries the plan out. The first signal lets the request under way finish; the second ends
    /// everything at once.
    pub(super) async fn out(
        &self,
        plan: &Plan,
        client: &Client,
        on_failure: OnFailure,
    ) -> Result<Carried, Failure> {
        let mut signals = Signals::new()?;
        let told: Rc<Cell<Option<Exit>>> = Rc::default();
        let accounts = self.files.iter().map(Account::open).collect::<Result<_, _>>()?;
        let options = Options {
            on_failure,
            parallelism: self.global.writes(),
            pause: Duration::from_millis(if client.is_loopback() { 5 } else { 1000 }),
            reserve: reserve(client.usage()),
            match_fields: self.match_fields.to_vec(),
            ..Options::default()
        };
        let mut looker = Looker {
            carry: self,
            accounts,
            told: Rc::clone(&told),
            bar: self.bar(),
            step: Step::default(),
            coarse: Options::is_coarse(plan),
            written: None,
        };
        let writer = client.writer();
        let mut work = std::pin::pin!(execute(plan, &writer, &options, &mut looker));
        loop {
            let exit = tokio::select! {
                report = &mut work => return Ok(Carried { report, signal: told.get() }),
                exit = signals.next() => exit,
            };
            if told.get().is_some() {
                return Err(Failure::interrupted(exit));
            }
            told.set(Some(exit));
            // Who sent the signal may have closed standard error.
            let _ = self.output.say("Finishing the request under way; once more ends at once.\n");
        }
    }

    /// A bar for people who watch; none where nobody does.
    fn bar(&self) -> Option<ProgressBar> {
        let watched = std::io::stderr().is_terminal() && self.environment.get("CI").is_none();
        if !watched || self.global.quiet || self.global.no_progress {
            return None;
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg:40} {wide_bar} {pos}/{len} {eta}").ok()?;
        bar.set_style(style);
        Some(bar)
    }
}

/// API calls that are kept for others: a hundredth of the day.
pub(super) fn reserve(usage: Usage) -> u64 {
    usage.day.map_or(0, |day| day.max / 100)
}

/// SIGINT and SIGTERM, from the moment on from which they must not end the process.
#[cfg(unix)]
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self, Failure> {
        let listen =
            |kind| signal(kind).context("cannot listen to signals").map_err(Failure::error);
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}

/// Ctrl-C, where there is nothing else.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    fn new() -> Result<Self, Failure> {
        Ok(Self)
    }

    async fn next(&mut self) -> Exit {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            Err(_) => std::future::pending().await,
        }
    }
}

/// A report on disk that is whole at every moment: it is written beside its place and moved there.
struct Account<'a> {
    file: &'a ReportFile,
    /// Absent for what is not an ordinary file, such as a pipe: that is written once, at the end.
    beside: Option<PathBuf>,
}

impl<'a> Account<'a> {
    /// Makes sure, before the first write, that the report can be written after it.
    fn open(file: &'a ReportFile) -> Result<Self, Failure> {
        let path = &file.path;
        let ordinary = fs::metadata(path).map_or(true, |data| data.is_file());
        let beside = ordinary.then(|| beside(path));
        let try_it = match &beside {
            Some(beside) => File::create(beside).map(|_| ()),
            None => Ok(()),
        };
        try_it
            .with_context(|| format!("cannot write `{}`; nothing was applied", path.display()))
            .map_err(Failure::error)?;
        Ok(Self { file, beside })
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        let Some(beside) = &self.beside else { return Ok(()) };
        let mut file = File::create(beside)?;
        file.write_all(text.as_bytes())?;
        drop(file);
        fs::rename(beside, &self.file.path)
    }
}

/// What is known of the step under way.
#[derive(Default)]
struct Step {
    what: &'static str,
    records: usize,
    settled: usize,
    said: usize,
}

struct Looker<'a> {
    carry: &'a Carry<'a>,
    accounts: Vec<Account<'a>>,
    told: Rc<Cell<Option<Exit>>>,
    bar: Option<ProgressBar>,
    step: Step,
    coarse: bool,
    /// When the account was written last.
    written: Option<Instant>,
}

impl Looker<'_> {
    fn say(&self, text: &str) {
        // A closed standard error is no reason to stop half-way.
        let _ = self.carry.output.say(text);
    }

    fn write(&mut self, report: &Report) -> Result<(), Failure> {
        for account in &self.accounts {
            let text = (self.carry.tell)(account.file, report)?;
            account
                .write(&text)
                .with_context(|| format!("cannot write `{}`", account.file.path.display()))
                .map_err(Failure::error)?;
        }
        Ok(())
    }

    /// The account of a very large plan is exact to the step, so it need not be written before every
    /// request of the step.
    fn is_due(&mut self) -> bool {
        const PAUSE: Duration = Duration::from_secs(5);
        let now = Instant::now();
        let due = !self.coarse || self.written.is_none_or(|last| now - last > PAUSE);
        if due {
            self.written = Some(now);
        }
        due
    }
}

impl Watch for Looker<'_> {
    fn begins(&mut self, what: &'static str, records: usize) {
        self.step = Step { what, records, ..Step::default() };
        self.written = None;
        match &self.bar {
            Some(bar) => {
                bar.set_length(records as u64);
                bar.set_position(0);
                bar.set_message(what);
            }
            None => self.say(&format!("{what}: {}\n", counted(records, "record", "records"))),
        }
    }

    fn settled(&mut self, records: usize) {
        self.step.settled += records;
        if let Some(bar) = &self.bar {
            bar.inc(records as u64);
            return;
        }
        let every = (self.step.records / 10).max(2_000);
        if self.step.settled - self.step.said >= every && self.step.settled < self.step.records {
            self.step.said = self.step.settled;
            let Step { what, records, settled, .. } = self.step;
            self.say(&format!("{what}: {settled} of {records}\n"));
        }
    }

    fn may_go_on(&mut self, account: &dyn Fn() -> Report) -> Result<(), Stop> {
        if !self.accounts.is_empty() && self.is_due() {
            self.write(&account()).map_err(|failure| {
                Stop::Exhausted(apply::Failure {
                    code: "NO_ACCOUNT".to_owned(),
                    message: format!("the report cannot be written: {:#}", failure.error),
                    help: Some("make room for it and run the same command again".to_owned()),
                })
            })?;
        }
        if self.told.get().is_some() { Err(Stop::Interrupted) } else { Ok(()) }
    }
}

impl Drop for Looker<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        for beside in self.accounts.iter().filter_map(|account| account.beside.as_ref()) {
            // It is there only if the account was never, or not wholly, written.
            let _ = fs::remove_file(beside);
        }
    }
}
