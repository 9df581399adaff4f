use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread::JoinHandle,
};

use tokio::sync::oneshot;

use super::*;

/// An endpoint on a runtime of its own.
struct Served {
    address: SocketAddr,
    stats: Arc<Stats>,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), HttpError>>,
}

impl Served {
    fn new(config: Config, health: HealthCheck) -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let registry = Arc::new(Registry::default());
        let endpoint = Endpoint::new(config, listener, Arc::clone(&registry), health).unwrap();
        let (address, stats) = (endpoint.address(), endpoint.stats());
        registry.register(endpoint.stats());
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(|| {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(endpoint.run(async { stopped.await.unwrap_or_default() }))
        });
        Self { address, stats, stop, thread }
    }

    fn well() -> Self {
        Self::new(Config::default(), Box::new(Vec::new))
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// The whole answer, its `date` header left out.
    fn ask(&self, method: &str, path: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let answer = until_closed(stream);
        let lines = answer.split_inclusive("\r\n").filter(|line| !line.starts_with("date:"));
        lines.collect::<String>().replace("\r\n", "\n")
    }

    fn stop(self) {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap().unwrap();
    }
}

fn until_closed(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

const METRICS: &str = "\
# HELP ringtap_http_connections_refused_total Connections closed at once because too many were open.
# TYPE ringtap_http_connections_refused_total counter
ringtap_http_connections_refused_total 0
";

fn answer(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\ncontent-type: {kind}\ncache-control: no-store\nconnection: close\n\
         content-length: {}\n\n{body}",
        body.len()
    )
}

#[test]
fn each_path_has_its_answer() {
    let served = Served::well();
    let metrics = answer("200 OK", prometheus_type(), METRICS);
    assert_eq!(served.ask("GET", "/metrics"), metrics);
    assert_eq!(served.ask("GET", "/healthz?verbose=1"), answer("200 OK", TEXT, "ok\n"));
    let missing = "not here; / says what is where\n";
    assert_eq!(served.ask("GET", "/metrics/"), answer("404 Not Found", TEXT, missing));
    assert!(served.ask("GET", "/").contains("\n/metrics   what"));
    assert_eq!((served.stats.answered(200), served.stats.answered(404)), (3, 1));
    served.stop();
}

const TEXT: &str = "text/plain; charset=utf-8";

fn prometheus_type() -> &'static str {
    crate::prometheus::CONTENT_TYPE
}

#[test]
fn head_has_no_body_and_other_methods_are_refused() {
    let served = Served::well();
    let head = answer("200 OK", TEXT, "ok\n");
    assert_eq!(served.ask("HEAD", "/healthz"), head.strip_suffix("ok\n").unwrap());
    let refused = served.ask("POST", "/metrics");
    assert!(refused.starts_with("HTTP/1.1 405 ") && refused.contains("\nallow: GET, HEAD\n"));
    served.stop();
}

#[test]
fn health_tells_the_reasons_of_the_moment() {
    let sick = Arc::new(AtomicBool::new(true));
    let reasons = ["plugin a: trapped", "tap eth0: gone"].map(str::to_owned);
    let check = {
        let sick = Arc::clone(&sick);
        move || if sick.load(Relaxed) { reasons.to_vec() } else { Vec::new() }
    };
    let served = Served::new(Config::default(), Box::new(check));
    let body = "plugin a: trapped\ntap eth0: gone\n";
    assert_eq!(served.ask("GET", "/healthz"), answer("503 Service Unavailable", TEXT, body));
    sick.store(false, Relaxed);
    assert_eq!(served.ask("GET", "/healthz"), answer("200 OK", TEXT, "ok\n"));
    served.stop();
}

#[test]
fn a_panic_in_the_health_check_is_that_answer_s_alone() {
    let served = Served::new(Config::default(), Box::new(|| panic!("as the test wants")));
    assert!(served.ask("GET", "/healthz").starts_with("HTTP/1.1 500 "));
    assert!(served.ask("GET", "/").starts_with("HTTP/1.1 200 "));
    served.stop();
}

#[test]
fn a_connection_too_many_is_closed_and_counted() {
    let config = Config { max_connections: 1, ..Config::default() };
    let served = Served::new(config, Box::new(Vec::new));
    let mut first = served.connect();
    first.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut status = [0; 12];
    first.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    let mut nothing = [0];
    assert!(matches!(served.connect().read(&mut nothing), Ok(0) | Err(_)));
    assert_eq!(served.stats.turned_away(), 1);
    drop(first);
    served.stop();
}

#[test]
fn a_peer_that_does_not_finish_its_headers_is_let_go() {
    let config = Config { header_timeout: Duration::from_millis(50), ..Config::default() };
    let served = Served::new(config, Box::new(Vec::new));
    let mut slow = served.connect();
    slow.write_all(b"GET / HTTP/1.1\r\nHost:").unwrap();
    let answer = until_closed(slow);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    served.stop();
}

#[test]
fn headers_without_end_are_refused() {
    let served = Served::well();
    let mut stream = served.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nX: ").unwrap();
    // The endpoint closes before it has read all of it, so the write may well fail.
    stream.write_all(&vec![b'x'; 64 * 1024]).ok();
    let mut status = [0; 12];
    let read = stream.read_exact(&mut status);
    assert!(read.is_err() || &status == b"HTTP/1.1 431", "{status:?}");
    assert_eq!(served.stats.answered(200), 0);
    served.stop();
}

#[test]
fn old_connections_and_idle_ones_end_with_the_endpoint() {
    let config = Config { max_age: Duration::from_millis(50), ..Config::default() };
    let served = Served::new(config, Box::new(Vec::new));
    assert_eq!(until_closed(served.connect()), "");
    served.stop();
    let served = Served::well();
    let mut idle = served.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut status = [0; 12];
    idle.read_exact(&mut status).unwrap();
    served.stop();
    assert!(until_closed(idle).ends_with("ok\n"));
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let first = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = first.local_addr().unwrap();
    let error = bind(address).unwrap_err().to_string();
    let port = address.port();
    let wanted = format!(
        "{address} is in use by another process: end that one (`ss -ltnp 'sport = :{port}'` names \
         it) or listen on another address"
    );
    assert_eq!(error, wanted);
    let error = bind("192.0.2.1:9464".parse().unwrap()).unwrap_err().to_string();
    assert_eq!(error, "no interface of this host has the address 192.0.2.1: listen on another one");
}
