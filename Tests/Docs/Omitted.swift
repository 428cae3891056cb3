/// What a block leaves out, and what a context has no use for: never run.
func omitted<Value>() -> Value { fatalError("only compiled") }

/// The same where nothing is returned.
func omitted() {}
