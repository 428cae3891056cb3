extension RESPCommand {
    /// A command followed by any number of texts.
    init(_ name: String, texts: [String]) {
        self.init(name, capacityHint: texts.reduce(0) { $0 + $1.utf8.count + 9 })
        for text in texts { append(text) }
    }
}
