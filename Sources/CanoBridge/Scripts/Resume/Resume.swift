import CanoBus
import CanoPrimitives
import CanoRedis

/// Lets a failed run go on here, which a command asked for.
struct Resume: ScriptCall {
    enum Key: String, ScriptName {
        case commands, record, log
        case runStore = "run_store"
        case inbox, events, leases, failed
        case openTasks = "open_tasks"
    }

    enum Argument: String, RunArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case group, entry, time
        case lease = "lease_ms"
        case replyName = "reply_name"
    }

    static let script = makeScript(
        "resume", PackageResources.resume_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.runs, ScriptLibrary.beginnings,
            ScriptLibrary.replyNames,
            ScriptLibrary.claims, ScriptLibrary.resumptions,
        ],
        constants: [.resumed, .longestCall, .mostReplyNames])

    let bus: Bus
    let command: ResumeCommand
    let entry: StreamEntryID
    let stream: InboundStream
    /// The record as it was read.
    let record: RunRecord
    /// The version of the workflow that runs it.
    let version: String
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.commands, bus.keys.inbound(stream))
        keys.append(.record, bus.keys.record(of: command.run))
        keys.append(.log, bus.keys.log(of: command.run))
        keys.append(.runStore, bus.keys.runStore(of: command.run))
        keys.append(.inbox, bus.keys.inbox(of: command.run))
        keys.append(.events, bus.keys.events)
        keys.append(.leases, bus.keys.leases(of: record.workflow, version: version))
        keys.append(.failed, bus.keys.failed)
        keys.append(.openTasks, bus.keys.openTasks(of: command.run))
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(
            bus.identity(of: command.run, workflow: record.workflow, version: version, epoch: record.epoch + 1, trace: record.trace),
            made: made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.lease, bus.limits.lease)
        arguments.append(.replyName, command.replyName)
    }

    func answer(_ reply: RESPValue) throws -> ClaimAnswer {
        guard let answer = try ClaimAnswer(reply, about: command.run) else { throw Self.unexpected(reply) }
        return answer
    }
}
