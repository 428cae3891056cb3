import CanoBus
import CanoRedis

/// Decides which events on a client's reply stream answer which of its commands.
///
/// An answer may be read before the reply to the `XADD` of its command: then it is kept until the command's entry is known. An
/// answer is never older than its command, so what was on the stream before is about an earlier one.
struct AnswerBoard: Sendable {
    typealias Ticket = Int

    private struct Wait: Sendable {
        let run: String
        let stream: InboundStream
        let answer: any CommandAnswer.Type
        var entry: StreamEntryID?
        /// What came before the entry was known.
        var early: [(id: StreamEntryID, event: EventEntry)] = []
    }

    private var waits: [Ticket: Wait] = [:]
    private var tickets: [String: Set<Ticket>] = [:]
    private var lastTicket = 0

    /// Whether nothing is waited for.
    var isEmpty: Bool { waits.isEmpty }

    /// Begins to wait for the answer to a command that is about to be published.
    mutating func begin(about run: String, on stream: InboundStream, for answer: any CommandAnswer.Type) -> Ticket {
        lastTicket += 1
        waits[lastTicket] = Wait(run: run, stream: stream, answer: answer)
        tickets[run, default: []].insert(lastTicket)
        return lastTicket
    }

    /// Says that the command was published.
    ///
    /// - Returns: The answer, if it is there already.
    mutating func published(_ ticket: Ticket, as entry: StreamEntryID) -> Result<any CommandAnswer, BusError>? {
        guard var wait = waits[ticket] else { return nil }
        let early = wait.early
        (wait.entry, wait.early) = (entry, [])
        waits[ticket] = wait
        for (id, event) in early {
            if let answer = Self.answer(id, event, to: entry, wait) { return answer }
        }
        return nil
    }

    /// Takes an event of the reply stream.
    ///
    /// - Returns: Whose wait it ends.
    mutating func receive(_ event: EventEntry, _ id: StreamEntryID) -> [(ticket: Ticket, answer: Result<any CommandAnswer, BusError>)] {
        var ended: [(ticket: Ticket, answer: Result<any CommandAnswer, BusError>)] = []
        for ticket in (tickets[event.subject] ?? []).sorted() {
            guard let wait = waits[ticket] else { continue }
            if let entry = wait.entry {
                if let answer = Self.answer(id, event, to: entry, wait) { ended.append((ticket, answer)) }
            } else {
                waits[ticket]?.early.append((id, event))
            }
        }
        return ended
    }

    /// Ends a wait.
    mutating func end(_ ticket: Ticket) {
        guard let run = waits.removeValue(forKey: ticket)?.run else { return }
        tickets[run]?.remove(ticket)
        if tickets[run]?.isEmpty == true { tickets[run] = nil }
    }

    private static func answer(
        _ id: StreamEntryID, _ event: EventEntry, to entry: StreamEntryID, _ wait: Wait
    ) -> Result<any CommandAnswer, BusError>? {
        // Both ids are the server's time; of the same millisecond either may be numbered first, for they are on two streams.
        guard id.milliseconds >= entry.milliseconds else { return nil }
        do throws(BusError) {
            guard let answer = try wait.answer.init(event, to: CommandEntryID("\(entry)", on: wait.stream)) else { return nil }
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }
}
