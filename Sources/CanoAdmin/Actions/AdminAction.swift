import CanoBus
import CanoClient
import CanoPrimitives

/// Something that can be done from a page: a command of the contract, published as any client may publish it.
protocol AdminAction: Sendable {
    /// Where it is sent.
    static var path: String { get }

    /// Reads what is to be done.
    ///
    /// - Throws: ``RequestProblem``.
    init(_ fields: FormFields) throws(RequestProblem)

    /// Does it: it returns once Redis has the command or, of one about a schedule, once a bridge has carried it out.
    func perform(on bus: BusClient) async throws

    /// What was done, for the person who did it.
    static var notice: String { get }
    /// The page to look at next.
    var page: (path: String, query: [(String, String?)]) { get }
}

/// Asks for a run to be cancelled.
struct CancelAction: AdminAction {
    static let path = "/run/cancel"
    let id: String
    let reason: String?

    init(_ fields: FormFields) throws(RequestProblem) {
        id = try fields.required("id")
        reason = fields["reason"]
    }

    func perform(on bus: BusClient) async throws { try await bus.cancel(id, reason: reason) }
    static let notice = "The run is asked to stop."
    var page: (path: String, query: [(String, String?)]) { (AdminPath.run, [("id", id)]) }
}

/// Lets a failed run go on.
struct ResumeAction: AdminAction {
    static let path = "/run/resume"
    let id: String

    init(_ fields: FormFields) throws(RequestProblem) { id = try fields.required("id") }

    func perform(on bus: BusClient) async throws { try await bus.resume(id) }
    static let notice = "The run is asked to go on."
    var page: (path: String, query: [(String, String?)]) { (AdminPath.run, [("id", id)]) }
}

/// Sends a signal to a run.
struct SignalAction: AdminAction {
    static let path = "/run/signal"
    let id: String
    let name: String
    let data: String

    init(_ fields: FormFields) throws(RequestProblem) {
        id = try fields.required("id")
        name = try fields.required("name")
        data = fields["data"] ?? "null"
        do throws(JSONSyntax.Problem) { try JSONSyntax.check(data) } catch {
            throw RequestProblem(400, "The data of a signal have to be JSON: \(error)")
        }
    }

    func perform(on bus: BusClient) async throws { try await bus.signal(name, json: JSONText(data), to: id) }
    static let notice = "The signal is sent."
    var page: (path: String, query: [(String, String?)]) { (AdminPath.run, [("id", id)]) }
}

/// Removes a schedule.
struct UnscheduleAction: AdminAction {
    static let path = "/schedules/remove"
    let name: String

    init(_ fields: FormFields) throws(RequestProblem) { name = try fields.required("name") }

    func perform(on bus: BusClient) async throws { try await bus.unschedule(name, within: .seconds(10)) }
    static let notice = "The schedule is removed."
    var page: (path: String, query: [(String, String?)]) { (AdminPath.schedules, []) }
}

/// Lets a schedule rest.
struct PauseScheduleAction: AdminAction {
    static let path = "/schedules/pause"
    let name: String

    init(_ fields: FormFields) throws(RequestProblem) { name = try fields.required("name") }

    func perform(on bus: BusClient) async throws { try await bus.pauseSchedule(name, within: .seconds(10)) }
    static let notice = "The schedule is paused."
    var page: (path: String, query: [(String, String?)]) { (AdminPath.schedules, []) }
}

/// Lets a paused schedule go on.
struct ResumeScheduleAction: AdminAction {
    static let path = "/schedules/resume"
    let name: String

    init(_ fields: FormFields) throws(RequestProblem) { name = try fields.required("name") }

    func perform(on bus: BusClient) async throws { try await bus.resumeSchedule(name, within: .seconds(10)) }
    static let notice = "The schedule goes on."
    var page: (path: String, query: [(String, String?)]) { (AdminPath.schedules, []) }
}

/// Starts one run of a schedule now.
struct RunScheduleAction: AdminAction {
    static let path = "/schedules/run"
    let name: String

    init(_ fields: FormFields) throws(RequestProblem) { name = try fields.required("name") }

    func perform(on bus: BusClient) async throws { try await bus.runSchedule(name, within: .seconds(10)) }
    static let notice = "A run of the schedule is started."
    var page: (path: String, query: [(String, String?)]) { (AdminPath.schedules, []) }
}

/// Publishes the command of a dead letter again.
struct RequeueAction: AdminAction {
    static let path = "/dead-letters/requeue"
    let letter: DeadLetterID

    init(_ fields: FormFields) throws(RequestProblem) { letter = try fields.letter }

    func perform(on bus: BusClient) async throws { try await bus.requeueDeadLetter(letter) }
    static let notice = "The command is published again."
    var page: (path: String, query: [(String, String?)]) { (AdminPath.deadLetters, []) }
}

/// Removes a dead letter.
struct DeleteLetterAction: AdminAction {
    static let path = "/dead-letters/delete"
    let letter: DeadLetterID

    init(_ fields: FormFields) throws(RequestProblem) { letter = try fields.letter }

    func perform(on bus: BusClient) async throws { try await bus.deleteDeadLetter(letter) }
    static let notice = "The dead letter is removed."
    var page: (path: String, query: [(String, String?)]) { (AdminPath.deadLetters, []) }
}

extension FormFields {
    fileprivate var letter: DeadLetterID { get throws(RequestProblem) { try Self.letter(try required("letter")) } }

    /// Reads what names a dead letter.
    ///
    /// - Throws: ``RequestProblem`` with the status 400.
    static func letter(_ text: String) throws(RequestProblem) -> DeadLetterID {
        guard let id = DeadLetterID(text) else {
            throw RequestProblem(400, "\"letter\" has to be the id of a dead letter, such as 1700000000000-0.")
        }
        return id
    }
}
