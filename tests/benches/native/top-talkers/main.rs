use top_talkers as _;

fn main() -> std::io::Result<()> {
    native_driver::serve()
}
