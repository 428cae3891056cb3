/// One event of a stream of them, as the HTML standard has it (9.2, server-sent events).
struct ServerSentEvent: Sendable, Hashable {
    let name: String
    let data: String

    /// The event on the wire: each line of the data on a line of its own.
    var text: String {
        // Browsers end a line at a carriage return as well.
        let lines = data.replacing("\r\n", with: "\n").replacing("\r", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        return "event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + "\n"
    }

    /// What keeps a connection from being closed, and tells the server that the reader has gone.
    static let heartbeat = ": still here\n\n"
}
