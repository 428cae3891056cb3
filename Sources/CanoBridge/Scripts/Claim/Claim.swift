import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores

/// Makes runs of one list this bridge's whose lease expired or that were handed back, that are due, or whose wait is over: several with one
/// call, each as if it were alone.
struct Claim: ScriptCall {
    enum Key: String, ScriptName {
        case events, leases, timers, waits
    }

    enum Argument: String, ScriptName {
        case bridge, source, workflow, made, time
        case lease = "lease_ms"
        case mayTakeOver = "may_take_over"
        case version, state, row
        case startedTemplate = "started_template"
    }

    /// A run among the arguments.
    enum Item: String, ScriptItem {
        case run, epoch, traceparent

        static let item = "claim"
    }

    static let script = makeScript(
        "claim", PackageResources.claim_lua,
        libraries: [
            ScriptLibrary.severalRuns, ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.runs,
            ScriptLibrary.beginnings, ScriptLibrary.waking, ScriptLibrary.claims, ScriptLibrary.resumptions,
        ],
        items: [Item.self],
        constants: [
            .resumed, .longestCall, .mostTakeovers, ScriptConstant("claim_keys", keysOfRun),
            ScriptConstant("inline_input_bytes", BusLimits.inlineInputBytes), ScriptConstant("most_given_bytes", mostBytes),
        ])

    /// How many keys each run has.
    static let keysOfRun = 5
    /// How many runs are claimed with one call at most, and none once those before it have come to so many bytes: Redis does nothing else meanwhile,
    /// and each is answered whole.
    static let most = 16
    static let mostBytes = 1 << 20

    let bus: Bus
    let workflow: String
    /// The workflow's version, and the row that says that a run of it is in its first state.
    let version: String
    let firstRow: CheckpointRow
    /// What the runs' records say of their version: nil for runs that have not begun and may begin in any.
    let listedVersion: String?
    let candidates: [ClaimCandidate]
    /// Whether an expired lease may be taken for its owner's death.
    let mayTakeOver: Bool
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.events, bus.keys.events)
        keys.append(.leases, bus.keys.leases(of: workflow, version: version))
        keys.append(.timers, bus.keys.timers(of: workflow, version: listedVersion))
        keys.append(.waits, bus.keys.waits(of: workflow, version: version))
        for candidate in candidates {
            let run = candidate.run
            keys.append(more: bus.keys.record(of: run))
            keys.append(more: bus.keys.log(of: run))
            keys.append(more: bus.keys.runStore(of: run))
            keys.append(more: bus.keys.inbox(of: run))
            keys.append(more: bus.keys.openTasks(of: run))
        }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.bridge, bus.bridge)
        arguments.append(.source, bus.keys.eventSource(of: workflow))
        arguments.append(.workflow, workflow)
        arguments.append(.made, made)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.lease, bus.limits.lease)
        arguments.append(.mayTakeOver, mayTakeOver)
        arguments.append(.version, version)
        arguments.append(.state, firstRow.state)
        arguments.append(.row, RowCodec.encode(firstRow))
        arguments.append(.startedTemplate, RunStarted.template(version: version, state: firstRow.state))
        arguments.append(list: Item.self, count: candidates.count) { list in
            for candidate in candidates {
                list.append(.run, candidate.run)
                list.append(.epoch, candidate.epoch + 1)
                list.append(.traceparent, candidate.trace.parent)
            }
        }
    }

    /// Reads what became of each run, in order.
    func answer(_ reply: RESPValue) throws -> [Result<ClaimAnswer, any Error>] {
        guard let answers = reply.arrayValue, answers.count == candidates.count else { throw Self.unexpected(reply) }
        return zip(candidates, answers).map { candidate, answer in
            Result {
                if case .error(let error) = answer { throw RedisError(error) }
                guard let read = try ClaimAnswer(answer, about: candidate.run) else { throw Self.unexpected(answer) }
                return read
            }
        }
    }
}
