import CanoBus
import CanoRedis

/// What must be known of a run before it can be claimed.
struct ClaimCandidate: Sendable, Hashable {
    let run: String
    let workflow: String
    /// Nil for a run that has not begun and may begin in any.
    let version: String?
    let epoch: Int
    let recoveries: Int
    let trace: TraceContext

    /// The fields to read.
    static let fields: [Field] = [.workflow, .version, .epoch, .recoveries, .traceparent]

    /// A run that this bridge has put down itself.
    init(again run: RunIdentity) {
        self.run = run.run
        workflow = run.workflow
        version = run.version
        epoch = run.epoch
        recoveries = 0
        trace = run.trace
    }

    /// Reads their values; nil when there is no such run, or its record was damaged.
    init?(_ run: String, _ values: [RESPBytes?]) {
        let texts = values.map { $0.flatMap { String(validating: $0, as: UTF8.self) } }
        guard texts.count == Self.fields.count, let workflow = texts[0], let epoch = RunRecord.number(texts[2]) else { return nil }
        self.run = run
        self.workflow = workflow
        version = texts[1]
        self.epoch = Int(epoch)
        recoveries = Int(RunRecord.number(texts[3]) ?? 0)
        trace = TraceContext(parent: texts[4])
    }
}
