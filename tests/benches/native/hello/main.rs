use hello as _;

fn main() -> std::io::Result<()> {
    native_driver::serve()
}
