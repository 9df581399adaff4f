use flow_log as _;

fn main() -> std::io::Result<()> {
    native_driver::serve()
}
