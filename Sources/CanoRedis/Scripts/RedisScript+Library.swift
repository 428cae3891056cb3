extension RedisScript {
    /// Creates a script from its body and the functions it shares with others.
    ///
    /// Redis wants a script's `#!lua` line first, so the functions go right below it.
    package init(name: String, body: [UInt8], library: [UInt8]) {
        let header = body.prefix { $0 != UInt8(ascii: "\n") }
        self.init(name: name, source: header + [UInt8(ascii: "\n")] + library + body.dropFirst(header.count))
    }
}
