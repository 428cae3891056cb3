/// Where a node of a cluster sends those who ask it for a slot that another node serves.
struct Redirection: Sendable, Hashable {
    let slot: HashSlot
    let address: RedisAddress

    /// Reads `MOVED <slot> <host>:<port>`; nil for any other error, and for one that can't be read.
    ///
    /// - Parameters:
    ///   - error: What the server answered.
    ///   - asked: Where it was asked.
    init?(_ error: RedisServerError, by asked: RedisAddress) {
        let words = error.message.split(separator: " ")
        guard error.code == "MOVED", words.count == 3, let slot = Int(words[1]).flatMap(HashSlot.init) else { return nil }
        // The host may be empty, or an IPv6 address without brackets.
        guard let colon = words[2].lastIndex(of: ":"), let port = Int(words[2][words[2].index(after: colon)...]) else { return nil }
        let host = words[2][..<colon].trimming(while: { $0 == "[" || $0 == "]" })
        guard let address = RedisAddress(announced: String(host), port: port, by: asked) else { return nil }
        self.slot = slot
        self.address = address
    }
}

extension Substring {
    /// Without the characters at both ends for which `isLeftOut` holds.
    fileprivate func trimming(while isLeftOut: (Character) -> Bool) -> Substring {
        var rest = self
        while let first = rest.first, isLeftOut(first) { rest.removeFirst() }
        while let last = rest.last, isLeftOut(last) { rest.removeLast() }
        return rest
    }
}
