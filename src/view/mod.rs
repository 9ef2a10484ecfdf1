//! A search as it runs: a few lines at the foot of the terminal, news above them; plain lines when nobody watches.
//!
//! Nothing has to be put right when the process dies: keys are left alone, and the cursor always stands, visible, on the
//! last line of the view, where the shell goes on.
mod draw;
mod news;
mod state;

use std::fmt;
use std::io::{self, IsTerminal, Stderr, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::report::search::one_line;
use crate::search::SearchEvent;
use crate::store::TrialRecord;
use ratatui::backend::CrosstermBackend;
use ratatui::widgets::{Paragraph, Widget};
use ratatui::{TerminalOptions, Viewport};

use self::state::Live;

/// Least time between two pictures of what comes many times a second.
const PACE: Duration = Duration::from_millis(100);

type Screen = ratatui::Terminal<CrosstermBackend<Stderr>>;

/// Shows a search on stderr.
#[derive(Debug)]
pub struct View(Arc<Mutex<Picture>>);

impl View {
    /// A view of a search that has made these trials already, of so many in all. Where stdout or stderr is no terminal, it
    /// says plain lines on stderr.
    pub fn new(trials: &[TrialRecord], n_trials: u64) -> Self {
        let mut picture = Picture {
            live: Live::new(trials, n_trials),
            screen: screen(),
            drawn: None,
        };
        picture.draw();
        let is_drawn = picture.screen.is_some();
        let picture = Arc::new(Mutex::new(picture));
        if is_drawn {
            let seen = Arc::downgrade(&picture);
            thread::spawn(move || tick(&seen));
        }
        Self(picture)
    }

    /// Shows an event.
    pub fn show(&mut self, event: &SearchEvent) {
        lock(&self.0).show(event);
    }

    /// Says something above the view.
    pub fn say(&mut self, text: &str) {
        lock(&self.0).say(text);
    }
}

impl Drop for View {
    /// Takes the view away; what is said next stands where it was.
    fn drop(&mut self) {
        // Without a screen the clock draws no more.
        if let Some(mut screen) = lock(&self.0).screen.take() {
            // A terminal that is gone needs nothing.
            let _ = screen.draw(draw::nothing);
        }
    }
}

/// Draws the view every second while there is one, so that its clock goes on while nothing happens.
fn tick(picture: &Weak<Mutex<Picture>>) {
    loop {
        thread::sleep(Duration::from_secs(1));
        let Some(picture) = picture.upgrade() else {
            return;
        };
        lock(&picture).draw();
    }
}

fn lock(picture: &Mutex<Picture>) -> MutexGuard<'_, Picture> {
    picture.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is shown, and where.
struct Picture {
    live: Live,
    screen: Option<Screen>,
    drawn: Option<Instant>,
}

impl Picture {
    fn show(&mut self, event: &SearchEvent) {
        self.live.see(event);
        if let Some(news) = news::line(event) {
            self.say(&news);
        }
        // What comes rarely is drawn at once.
        let is_frequent = matches!(event, SearchEvent::Asking { .. } | SearchEvent::Step { .. });
        if !is_frequent || self.drawn.is_none_or(|drawn| drawn.elapsed() >= PACE) {
            self.draw();
        }
    }

    fn say(&mut self, text: &str) {
        let Some(screen) = &mut self.screen else {
            // A reader that has gone away is no error.
            let _ = writeln!(io::stderr(), "{}", text.trim_end_matches('\n'));
            return;
        };
        for line in text.lines() {
            let width = usize::from(screen.get_frame().area().width);
            let line = Paragraph::new(one_line(line, width));
            if screen
                .insert_before(1, |buffer| line.render(buffer.area, buffer))
                .is_err()
            {
                self.screen = None;
                return;
            }
        }
        self.draw();
    }

    fn draw(&mut self) {
        let Some(screen) = &mut self.screen else {
            return;
        };
        self.drawn = Some(Instant::now());
        let live = &self.live;
        if screen.draw(|frame| draw::view(live, frame)).is_err() {
            self.screen = None;
        }
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_drawn = self.screen.is_some();
        let mut picture = f.debug_struct("Picture");
        picture
            .field("live", &self.live)
            .field("is_drawn", &is_drawn);
        picture.finish_non_exhaustive()
    }
}

/// The foot of the terminal, where a person watches. The place of the cursor is asked for on stdout.
fn screen() -> Option<Screen> {
    if !io::stderr().is_terminal() || !io::stdout().is_terminal() {
        return None;
    }
    let options = TerminalOptions {
        viewport: Viewport::Inline(draw::HEIGHT),
    };
    ratatui::Terminal::with_options(CrosstermBackend::new(io::stderr()), options).ok()
}
