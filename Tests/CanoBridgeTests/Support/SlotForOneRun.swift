import CanoBus
import CanoRedis
import Synchronization

@testable import CanoBridge

/// What becomes of the run of a script that may wake it, and of the slot that is kept for it.
final class SlotForOneRun: Sendable {
    private let state = Mutex<[String]>([])
    /// In order: that it goes on, that the slot was given back, that it is woken, that it looks into its inbox.
    var entries: [String] { state.withLock { $0 } }

    private func add(_ entry: String) { state.withLock { $0.append(entry) } }

    /// Wakes runs by a bridge that has the slot, or has none.
    func waker(on bus: Bus, hasRoom: Bool = true) -> RunWaker {
        RunWaker(
            bus: bus,
            reserve: { candidate in
                guard hasRoom else { return nil }
                return ReservedRun(
                    goOn: { self.add("\($0.record.epoch) goes on as \(candidate.run)") }, giveBack: { self.add("given back") })
            }, wake: { self.add("\($0.run) is woken") }, look: { self.add("\($0) looks") })
    }
}

extension ScriptedBridge {
    /// Has the record of a run say this; nil for a run that has none.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - task: What its open tasks say of the task that is asked for; nil where they say nothing.
    func record(_ status: String?, task: String? = nil) {
        let values = [status.map { _ in "w" }, status.map { _ in "1" }, status.map { _ in "2" }, status.map { _ in "0" }, nil, nil, status]
        redis.always("HMGET") { [keys = bus.keys] request in
            let texts = request.arguments.first == keys.openTasks(of: "a") ? [task] : values
            return .value(.array(texts.map { $0.map { .text($0) } ?? .null }))
        }
    }
}

extension ScriptedReply {
    /// A script has claimed the run with epoch 3.
    static let claimed = list(
        .text("claimed"), .text("wait"),
        .texts("status", "running", "workflow", "w", "version", "1", "epoch", "3", "events", "4", "rows", "1"), .array([]),
        .array([]), .array([]), .array([]))
}
