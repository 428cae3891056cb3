/// What a connection asks after its writes, and which answer confirms them. Pure.
///
/// Both commands answer for all that the server had written when it came to them, whichever connection wrote it: a script that is sent again
/// after a lost connection, and writes nothing since it was executed before, is confirmed with what it wrote then.
struct WriteConfirmation: Sendable {
    enum Verdict: Equatable {
        case confirmed
        /// Not yet: what there is, and what there has to be.
        case lacking(String)
        /// This server will never confirm anything.
        case refused(RedisServerError)
    }

    let command: EncodedCommand
    private let needed: Int
    private let copies: String

    /// How long the server waits before it says what it lacks. Commands that come meanwhile wait as long.
    private static let patience = "100"

    /// - Parameter durability: How safe writes have to be; nil comes out where nothing is to be asked.
    init?(_ durability: RedisDurability) {
        switch durability {
        case .local: return nil
        case .fsync:
            command = EncodedCommand(RESPCommand("WAITAOF", "1", "0", Self.patience))
            needed = 1
            copies = "append-only files"
        case .replicas(let count):
            command = EncodedCommand(RESPCommand("WAIT", String(count), Self.patience))
            needed = count
            copies = "replicas"
        }
    }

    /// What an answer says of the writes before it.
    func verdict(_ reply: RESPValue) -> Verdict {
        if case .error(let error) = reply { return .refused(error) }
        // WAITAOF answers two numbers, of which the first is the server's own.
        let found = (reply.arrayValue?.first ?? reply).integerValue ?? 0
        return found >= needed ? .confirmed : .lacking("\(found) of \(needed) \(copies) have it")
    }
}
