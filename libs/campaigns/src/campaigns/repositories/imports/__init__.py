"""SQL on imports: what became of them, and those that go on when their call is over."""
