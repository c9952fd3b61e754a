//! The worker as its surfaces share it: started, replaced, posted to, kept for a while when nobody needs it.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
};

use gloo_timers::callback::Timeout;
use spanarc_protocol::{self as protocol, Reply, Request, describe};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageChannel;

use crate::ModelSource;

use super::{
    exchange::{Command, Exchange},
    news::News,
    running::{FirstMessage, Heard, REPORT_MS, Running},
};

/// How long a worker stays when its last surface has left: one that is taken out of the page and put in again, as frameworks
/// do, needs the same model.
const LINGER_MS: u32 = 5_000;

/// A worker that is kept alive for the surfaces that share it. Clones are the same connection; the worker ends a while after
/// the last of them.
#[derive(Clone)]
pub(super) struct Connection(Rc<RefCell<Inner>>);

/// A connection that does not keep its worker alive.
pub(super) struct WeakConnection(Weak<RefCell<Inner>>);

struct Inner {
    exchange: Exchange,
    source: ModelSource,
    /// Commands that are still to be executed. Executing one may cause others: they wait for their turn, so that messages
    /// are posted in the order in which they were decided.
    queue: VecDeque<Command>,
    executing: bool,
    running: Option<Running>,
    secondaries: BTreeMap<u32, Running>,
    watch: Option<Timeout>,
    /// A deferred report of the running worker's death.
    crash_report: Option<Timeout>,
    surfaces: BTreeMap<u32, Listener>,
    next_surface: u32,
    /// Keeps the connection, and so the worker, after the last surface has left.
    linger: Option<Timeout>,
}

/// A surface as the connection knows it.
struct Listener {
    tell: Rc<dyn Fn(News)>,
    hold: Option<Timeout>,
}

impl WeakConnection {
    /// The connection, unless its last clone is gone.
    pub(super) fn upgrade(&self) -> Option<Connection> {
        self.0.upgrade().map(Connection)
    }
}

impl Connection {
    /// A connection to a worker of `source`, once there is a surface.
    pub(super) fn new(source: ModelSource) -> Self {
        Self(Rc::new(RefCell::new(Inner {
            exchange: Exchange::new(source.url.to_string(), source.workers_on(cores()) - 1),
            source,
            queue: VecDeque::new(),
            executing: false,
            running: None,
            secondaries: BTreeMap::new(),
            watch: None,
            crash_report: None,
            surfaces: BTreeMap::new(),
            next_surface: 0,
            linger: None,
        })))
    }

    pub(super) fn downgrade(&self) -> WeakConnection {
        WeakConnection(Rc::downgrade(&self.0))
    }

    /// Lets a surface join; its number. News go to `tell`, never before this returns.
    pub(super) fn open(&self, tell: Rc<dyn Fn(News)>) -> u32 {
        let surface = {
            let mut inner = self.0.borrow_mut();
            let surface = inner.next_surface;
            inner.next_surface += 1;
            let listener = Listener { tell, hold: None };
            inner.surfaces.insert(surface, listener);
            inner.linger = None;
            surface
        };
        self.drive(|exchange| exchange.opened(surface));
        surface
    }

    /// Lets a surface leave: it hears nothing more.
    pub(super) fn close(&self, surface: u32) {
        // Dropped at the end: it may own whatever the page put into it.
        let _listener = self.0.borrow_mut().surfaces.remove(&surface);
        self.drive(|exchange| exchange.closed(surface));
        let mut inner = self.0.borrow_mut();
        if inner.surfaces.is_empty() && inner.running.is_some() {
            let connection = self.clone();
            inner.linger = Some(Timeout::new(LINGER_MS, move || {
                // Whoever has joined since has cancelled this.
                connection.0.borrow_mut().linger = None;
            }));
        }
    }

    /// Lets something happen, and does what follows from it.
    pub(super) fn drive(&self, event: impl FnOnce(&mut Exchange) -> Vec<Command>) {
        {
            let mut inner = self.0.borrow_mut();
            let commands = event(&mut inner.exchange);
            inner.queue.extend(commands);
            if inner.executing {
                return;
            }
            inner.executing = true;
        }
        while let Some(command) = self.next_command() {
            self.execute(command);
        }
        self.0.borrow_mut().executing = false;
    }

    fn next_command(&self) -> Option<Command> {
        self.0.borrow_mut().queue.pop_front()
    }

    fn execute(&self, command: Command) {
        match command {
            Command::Start => {
                let (running, crash_report) = match self.start() {
                    Ok(running) => (Some(running), None),
                    // The report that the policy forbids it may be on its way.
                    Err(why) => (None, Some(self.report(REPORT_MS, why, Exchange::refused))),
                };
                let mut inner = self.0.borrow_mut();
                inner.secondaries.clear();
                inner.running = running;
                inner.crash_report = crash_report;
            }
            Command::Stop => {
                let mut inner = self.0.borrow_mut();
                inner.secondaries.clear();
                inner.running = None;
                inner.crash_report = None;
            }
            Command::Post(request) => self.post(&request),
            Command::StartSecondary(secondary) => {
                if self.start_secondary(secondary).is_err() {
                    self.drive(|exchange| exchange.lost_secondary(secondary));
                }
            }
            Command::StopSecondary(secondary) => {
                self.0.borrow_mut().secondaries.remove(&secondary);
            }
            Command::Watch(milliseconds) => {
                let watch = self.later(milliseconds, |connection| {
                    connection.drive(Exchange::fell_silent)
                });
                self.0.borrow_mut().watch = Some(watch);
            }
            Command::Rest => self.0.borrow_mut().watch = None,
            Command::Hold(surface, milliseconds) => {
                let hold = self.later(milliseconds, move |connection| {
                    connection.drive(|exchange| exchange.rested(surface));
                });
                if let Some(listener) = self.0.borrow_mut().surfaces.get_mut(&surface) {
                    listener.hold = Some(hold);
                }
            }
            Command::Tell(surface, news) => self.tell(surface, news),
            Command::TellSoon(surface, news) => {
                let connection = self.downgrade();
                spawn_local(async move {
                    if let Some(connection) = connection.upgrade() {
                        connection.tell(surface, news);
                    }
                });
            }
            Command::TellAll(news) => {
                let surfaces: Vec<u32> = self.0.borrow().surfaces.keys().copied().collect();
                for surface in surfaces {
                    self.tell(surface, news.clone());
                }
            }
        }
    }

    fn tell(&self, surface: u32, news: News) {
        let listener = self
            .0
            .borrow()
            .surfaces
            .get(&surface)
            .map(|l| l.tell.clone());
        if let Some(tell) = listener {
            tell(news);
        }
    }

    fn post(&self, request: &Request) {
        let posted = self.0.borrow().running.as_ref().map(|running| {
            let message = protocol::to_js(request).map_err(JsValue::from)?;
            running.post(&message)
        });
        if let Some(Err(error)) = posted {
            let crash_report = self.report(0, describe(&error), Exchange::died);
            self.0.borrow_mut().crash_report = Some(crash_report);
        }
    }

    fn start(&self) -> Result<Running, String> {
        let inner = self.0.borrow();
        let connection = self.downgrade();
        let hear = move |heard| {
            if let Some(connection) = connection.upgrade() {
                connection.heard(heard);
            }
        };
        let start = FirstMessage::start(&inner.source.wasm_url);
        Running::start(&inner.source.worker_url, start, Rc::new(hear))
    }

    /// Starts a worker that the running one gives work to. The page hears of it only how it ends: it is an addition, whose
    /// failure is no news.
    fn start_secondary(&self, secondary: u32) -> Result<(), String> {
        let connection = self.downgrade();
        let hear = move |heard| {
            let is_lost = match heard {
                Heard::Reply(reply) => matches!(reply, Reply::Failed { .. }),
                Heard::Died(_) | Heard::NotStarted(_) | Heard::Forbidden(_) => true,
            };
            if let Some(connection) = connection.upgrade().filter(|_| is_lost) {
                connection.drive(|exchange| exchange.lost_secondary(secondary));
            }
        };
        let channel = MessageChannel::new().map_err(|error| describe(&error))?;
        let worker_url = self.0.borrow().source.worker_url.clone();
        let attach = FirstMessage::attach(channel.port2());
        let started = Running::start(&worker_url, attach, Rc::new(hear))?;
        let mut inner = self.0.borrow_mut();
        if let Some(running) = &inner.running {
            let request = Request::SecondaryStarted { secondary };
            let message = protocol::to_js(&request).map_err(|error| error.to_string())?;
            let posted = running.hand_over(&message, &channel.port1());
            posted.map_err(|error| describe(&error))?;
        }
        inner.secondaries.insert(secondary, started);
        Ok(())
    }

    fn heard(&self, heard: Heard) {
        match heard {
            Heard::Reply(reply) => self.drive(|exchange| exchange.replied(reply)),
            Heard::Died(why) => self.drive(|exchange| exchange.died(&why)),
            Heard::Forbidden(why) => self.drive(|exchange| exchange.refused(&why)),
            Heard::NotStarted(why) => {
                let crash_report = self.report(REPORT_MS, why, Exchange::died);
                self.0.borrow_mut().crash_report = Some(crash_report);
            }
        }
    }

    /// Reports after some milliseconds that something has ended.
    fn report(
        &self,
        milliseconds: u32,
        why: String,
        end: fn(&mut Exchange, &str) -> Vec<Command>,
    ) -> Timeout {
        self.later(milliseconds, move |connection| {
            connection.drive(|exchange| end(exchange, &why));
        })
    }

    fn later(&self, milliseconds: u32, act: impl FnOnce(&Self) + 'static) -> Timeout {
        let connection = self.downgrade();
        Timeout::new(milliseconds, move || {
            if let Some(connection) = connection.upgrade() {
                act(&connection);
            }
        })
    }
}

/// How many cores the browser admits; 1 where it says nothing.
fn cores() -> u32 {
    let cores = web_sys::window().map(|window| window.navigator().hardware_concurrency());
    cores.map_or(1, |cores| cores as u32)
}
