import CanoRedis

/// Waits on a reply stream for the end of one run.
struct RunWaiting {
    let run: String
    let entry: StreamEntryID
    let replies: String
    let reader: RedisBlockingClient
    let timeout: Duration?

    /// The run's output as JSON text, `null` where it is too large for an event.
    ///
    /// - Throws: ``BridgeError`` with the code `runNotCompleted` when the run ends another way, its command is rejected,
    ///   or the time is over.
    func output() async throws -> String {
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now.advanced(by: $0) }
        // An answer has an id no lower than the command's; XREAD leaves out the id it is given.
        var last = StreamEntryID(milliseconds: max(1, entry.milliseconds) - 1, sequence: .max)
        while true {
            if let deadline, clock.now >= deadline {
                throw BridgeError(.runNotCompleted, "No result came in time. The run goes on; read its record to see its end.")
            }
            let block = min(Duration.seconds(2), deadline.map { max(.milliseconds(1), clock.now.duration(to: $0)) } ?? .seconds(2))
            let answers = try await reader.execute(XREAD([(key: replies, after: last)], count: 16, block: block)).flatMap(\.entries)
            for answer in answers {
                last = answer.id
                let event = BusEventReader(answer)
                if event["subject"] == run, let output = try result(of: event) { return output }
            }
        }
    }

    private func result(of event: BusEventReader) throws -> String? {
        switch event["type"] {
        case "cano.run.completed": return event.dataMember("output") ?? "null"
        case "cano.run.duplicate":
            guard let status = event.dataMember("status"), status != "\"running\"", status != "\"scheduled\"" else { return nil }
            if status == "\"completed\"" { return event.dataMember("output") ?? "null" }
            throw BridgeError(.runNotCompleted, "A run of this id ended before as \(status): \(event["data"])")
        case "cano.run.failed", "cano.run.cancelled", "cano.command.rejected":
            throw BridgeError(.runNotCompleted, "\(event["type"]): \(event["data"])")
        default: return nil
        }
    }
}
