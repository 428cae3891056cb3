/// What a connection asks after its writes, and which answers confirm them. Pure.
///
/// `WAIT` and `WAITAOF` answer for the last write of the connection that asks: from Redis 7.2 on for no others. A script that is sent again after a
/// lost connection may write nothing, since it was executed before. So the connection writes a mark first, and with that all is confirmed that the
/// server had written until then.
struct WriteConfirmation: Sendable {
    enum Verdict: Equatable {
        case confirmed
        /// Not yet: what there is, and what there has to be.
        case lacking(String)
        /// Not yet, and it can't be told: the mark was refused. The server answers at once then, so that it is to be asked after a pause.
        case unmarked(String)
        /// This server confirms nothing: while it is no primary, or for good.
        case refused(RedisServerError, isForGood: Bool)
    }

    /// What to send, in order.
    let commands: [EncodedCommand]
    private let needed: Int
    private let copies: String
    private var answered = 0
    /// Why the mark was not written.
    private var markError: RedisServerError?

    /// How long the server waits before it says what it lacks. Commands that come meanwhile wait as long.
    private static let patience = "100"

    /// - Parameters:
    ///   - durability: How safe writes have to be; nil comes out where nothing is to be asked.
    ///   - mark: A command that writes each time; nil where all commands of the connection do.
    init?(_ durability: RedisDurability, mark: [String]?) {
        let question: RESPCommand
        switch durability {
        case .local: return nil
        case .fsync:
            question = RESPCommand("WAITAOF", "1", "0", Self.patience)
            needed = 1
            copies = "append-only files"
        case .replicas(let count):
            question = RESPCommand("WAIT", String(count), Self.patience)
            needed = count
            copies = "replicas"
        }
        let first = mark.flatMap { mark in mark.first.map { RESPCommand($0, texts: Array(mark.dropFirst())) } }
        commands = [first, question].compactMap { $0.map(EncodedCommand.init) }
    }

    /// The commands are sent, once more maybe.
    mutating func begin() { (answered, markError) = (0, nil) }

    /// Takes an answer to one of them.
    ///
    /// - Returns: What the answers say of all that was written before; nil while there is one to come.
    mutating func receive(_ reply: RESPValue) -> Verdict? {
        answered += 1
        guard answered >= commands.count else {
            if case .error(let error) = reply { markError = error }
            return nil
        }
        if let markError {
            // What is wrong with the command itself does not pass.
            let isForGood = markError.saysUnconfirmable || markError.code == "ERR"
            return isForGood ? .refused(markError, isForGood: true) : .unmarked("the server refused the mark after it: \(markError)")
        }
        if case .error(let error) = reply { return .refused(error, isForGood: error.saysUnconfirmable) }
        // WAITAOF answers two numbers, of which the first is the server's own.
        let found = (reply.arrayValue?.first ?? reply).integerValue ?? 0
        return found >= needed ? .confirmed : .lacking("\(found) of \(needed) \(copies) have it")
    }
}
