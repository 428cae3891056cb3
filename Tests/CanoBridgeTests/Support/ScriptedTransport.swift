import CanoCore
import CanoTesting
import Synchronization
import Testing

@testable import CanoBridge
@testable import CanoRedis

/// What Redis does about a request, as a test wants it.
enum ScriptedReply: Sendable {
    case value(RESPValue)
    case failure(RedisError)
    /// Nothing, until the test answers it or its task is cancelled.
    case silence

    static func text(_ text: String) -> ScriptedReply { .value(.bulk(Array(text.utf8))) }

    static func integer(_ number: Int64) -> ScriptedReply { .value(.integer(number)) }

    static func list(_ values: RESPValue...) -> ScriptedReply { .value(.array(values)) }

    static let nothing = ScriptedReply.value(.null)

    /// An error the server answers.
    static func refusal(_ message: String) -> ScriptedReply { .failure(RedisError(RedisServerError(message: message))) }

    /// The connection is lost before the answer comes.
    static let connectionLost = ScriptedReply.failure(RedisError(.connectionClosed, "lost", mayHaveBeenExecuted: true))
}

extension RESPValue {
    static func text(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }

    /// A list of texts, as a flat hash is.
    static func texts(_ texts: String...) -> RESPValue { .array(texts.map { .text($0) }) }
}

/// A Redis without sockets: each request is answered as the test has said, and remembered.
///
/// Requests are named as the script or the command they call. Of several answers given for a name each counts once, in order; then
/// what always answers it does. A request that nothing answers is an issue of the test.
final class ScriptedTransport: BusTransport {
    private let clock: ManualClock
    private let state = Mutex(State())

    private struct State {
        var requests: [ScriptedRequest] = []
        var once: [String: [ScriptedReply]] = [:]
        var always: [String: @Sendable (ScriptedRequest) -> ScriptedReply] = [:]
        var held: [Held] = []
        var timers: [Timer] = []
        var lastID = 0

        mutating func newID() -> Int {
            lastID += 1
            return lastID
        }
    }

    private struct Held {
        let id: Int
        let name: String
        let complete: @Sendable (Result<RESPValue, RedisError>) -> Void
    }

    private struct Timer {
        let id: Int
        var due: MonotonicInstant
        let interval: Duration?
        let action: @Sendable () -> Void
    }

    init(_ clock: ManualClock) {
        self.clock = clock
    }

    // MARK: What it answers

    /// Answers the next requests of that name, one each.
    func answer(_ name: String, _ replies: ScriptedReply...) { state.withLock { $0.once[name, default: []] += replies } }

    /// Answers every request of that name that nothing else is said for.
    func always(_ name: String, _ reply: ScriptedReply) { always(name) { _ in reply } }

    /// The same by what is asked.
    func always(_ name: String, _ reply: @escaping @Sendable (ScriptedRequest) -> ScriptedReply) {
        state.withLock { $0.always[name] = reply }
    }

    /// Answers the oldest request of that name that was met with silence.
    func answerHeld(_ name: String, _ reply: ScriptedReply) {
        let held = state.withLock { state -> Held? in
            state.held.firstIndex { $0.name == name }.map { state.held.remove(at: $0) }
        }
        guard let held else {
            Issue.record("no request \(name) waits for an answer")
            return
        }
        switch reply {
        case .value(let value): held.complete(.success(value))
        case .failure(let error): held.complete(.failure(error))
        case .silence: break
        }
    }

    // MARK: What it was asked

    /// All requests so far, in order.
    var requests: [ScriptedRequest] { state.withLock { $0.requests } }

    /// The names of all requests so far, in order.
    var names: [String] { requests.map(\.name) }

    /// The requests of that name.
    func requests(_ name: String) -> [ScriptedRequest] { requests.filter { $0.name == name } }

    /// Forgets what it was asked.
    func clear() { state.withLock { $0.requests = [] } }

    /// Waits until so many requests of that name have come.
    func waitFor(_ name: String, count: Int = 1) async throws {
        try await eventually("\(count) \(name)") { requests(name).count >= count }
    }

    /// Waits until so many timers are set: a completion sets its own after its request was answered.
    func waitForTimers(_ count: Int = 1) async throws { try await eventually("\(count) timers") { timerCount >= count } }

    private func ask(
        _ request: ScriptedRequest, _ complete: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void
    ) -> Int? {
        let (reply, id) = state.withLock { state -> (ScriptedReply?, Int) in
            state.requests.append(request)
            let id = state.newID()
            var reply: ScriptedReply?
            if var replies = state.once[request.name], !replies.isEmpty {
                reply = replies.removeFirst()
                state.once[request.name] = replies
            } else {
                reply = state.always[request.name]?(request)
            }
            if case .silence = reply { state.held.append(Held(id: id, name: request.name, complete: complete)) }
            return (reply, id)
        }
        switch reply {
        case .value(let value): complete(.success(value))
        case .failure(let error): complete(.failure(error))
        case .silence: return id
        case nil:
            Issue.record("nothing was said to answer \(request)")
            complete(.failure(RedisError(.clientShutDown, "nothing was said to answer \(request)")))
        }
        return nil
    }

    private func cancel(_ id: Int) {
        let held = state.withLock { state -> Held? in
            state.held.firstIndex { $0.id == id }.map { state.held.remove(at: $0) }
        }
        held?.complete(.failure(RedisError(.cancelled, "cancelled")))
    }

    private func reply(to request: ScriptedRequest) async throws(RedisError) -> RESPValue {
        let id = Mutex<Int?>(nil)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<RESPValue, RedisError>, Never>) in
                let held = ask(request) { continuation.resume(returning: $0) }
                id.withLock { $0 = held }
                if let held, Task.isCancelled { cancel(held) }
            }
        } onCancel: {
            if let held = id.withLock({ $0 }) { cancel(held) }
        }
        return try result.get()
    }

    // MARK: The transport

    func execute<C: RedisCommand>(_ command: C) async throws(RedisError) -> C.Response {
        try C.response(from: try await reply(to: ScriptedRequest(command.encoded)))
    }

    func pipeline<C: RedisCommand>(_ commands: [C]) async throws(RedisError) -> [Result<C.Response, RedisError>] {
        var results: [Result<C.Response, RedisError>] = []
        for command in commands {
            do throws(RedisError) {
                results.append(.success(try await execute(command)))
            } catch {
                guard error.serverError != nil else { throw error }
                results.append(.failure(error))
            }
        }
        return results
    }

    func evaluate(_ call: RedisScriptCall) async throws(RedisError) -> RESPValue { try await reply(to: ScriptedRequest(call)) }

    func evaluate(_ call: RedisScriptCall, completion: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void) {
        _ = ask(ScriptedRequest(call), completion)
    }

    @discardableResult func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> RedisTimer {
        add(delay, repeating: nil, action)
    }

    func every(_ interval: Duration, _ action: @escaping @Sendable () -> Void) -> RedisTimer {
        add(interval, repeating: interval, action)
    }

    private func add(_ delay: Duration, repeating interval: Duration?, _ action: @escaping @Sendable () -> Void) -> RedisTimer {
        let due = clock.now.advanced(by: delay)
        let id = state.withLock { state in
            let id = state.newID()
            state.timers.append(Timer(id: id, due: due, interval: interval, action: action))
            return id
        }
        return RedisTimer { [self] in state.withLock { $0.timers.removeAll { $0.id == id } } }
    }

    // MARK: Its time

    /// How many timers are set.
    var timerCount: Int { state.withLock { $0.timers.count } }

    /// Moves the clock, and calls what is due on the way at its moment.
    func advance(by duration: Duration) {
        let end = clock.now.advanced(by: duration)
        while let timer = takeTimer(dueBy: end) {
            clock.advance(by: max(.zero, clock.now.duration(to: timer.due)))
            timer.action()
        }
        clock.advance(by: clock.now.duration(to: end))
    }

    /// Moves the clock to the next timer and calls it.
    func advanceToNextTimer() {
        guard let due = state.withLock({ $0.timers.map(\.due).min() }) else { return }
        advance(by: max(.zero, clock.now.duration(to: due)))
    }

    private func takeTimer(dueBy end: MonotonicInstant) -> Timer? {
        state.withLock { state in
            guard let index = state.timers.indices.min(by: { state.timers[$0].due < state.timers[$1].due }), state.timers[index].due <= end
            else { return nil }
            let timer = state.timers[index]
            if let interval = timer.interval {
                state.timers[index].due = timer.due.advanced(by: interval)
            } else {
                state.timers.remove(at: index)
            }
            return timer
        }
    }
}
