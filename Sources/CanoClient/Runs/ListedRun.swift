public import CanoBus
import CanoRedis

/// A run on a list: its record without what may be large, its input and its output.
public struct ListedRun: Sendable, Hashable {
    /// Its id.
    public let id: String
    /// How far it is.
    public let status: RunStatus
    /// What runs it.
    public let workflow: String
    /// Those fields of its record that lists have and that it has, by their names.
    public let fields: [String: String]
    /// What it can be found by; empty where that is damaged.
    public let attributes: RunAttributes

    /// The fields of a record that lists have, in the order of records.
    package static let listedFields: [Field] = {
        let kept: Set<Field> = [
            .status, .workflow, .version, .state, .waitingFor, .waitingSince, .wakeAt, .error, .rollback, .resumable, .cancel, .attributes,
            .notBefore, .created, .started, .updated, .finished, .parent,
        ]
        return RunRecord.order.filter { kept.contains($0) }
    }()

    /// What they are called.
    static let names = listedFields.map(\.rawValue)

    /// Reads their values; nil where there is no such record, or it is damaged.
    init?(_ id: String, _ values: [RESPBytes?]) {
        var fields: [String: String] = [:]
        for (name, value) in zip(Self.names, values) { fields[name] = value.map { String(decoding: $0, as: UTF8.self) } }
        self.init(id, fields)
    }

    /// Reads fields of a record; nil where its status or its workflow is missing.
    package init?(_ id: String, _ fields: [String: String]) {
        guard let status = fields[Field.status.rawValue].flatMap({ RunStatus(rawValue: $0) }),
            let workflow = fields[Field.workflow.rawValue]
        else { return nil }
        self.id = id
        self.status = status
        self.workflow = workflow
        self.fields = fields
        attributes = Self.attributes(fields[Field.attributes.rawValue])
    }

    /// Reads the attributes of a record; none where they are damaged.
    static func attributes(_ json: String?) -> RunAttributes {
        do { return try json.map { json throws(BusError) in try RunAttributes(json: json) } ?? .empty } catch { return .empty }
    }

    package subscript(field: Field) -> String? { fields[field.rawValue] }

    private func moment(_ field: Field) -> Int64? { RunRecord.number(self[field]) }

    /// Which version of the workflow; nil of a run that has not begun and may begin in any.
    public var version: String? { self[.version] }

    /// The state it is in, or ended in; empty before it has begun.
    public var state: String { self[.state] ?? "" }

    /// When it began, in milliseconds since 1970, as all its moments; nil before it has.
    public var started: Int64? { moment(.started) }

    /// When it ended; nil until it has.
    public var finished: Int64? { moment(.finished) }

    /// When it ended or, where it has not, began or, where it has not, is to begin.
    public var date: Int64? { finished ?? started ?? moment(.notBefore) ?? moment(.created) }

    /// What it waits for, for people; nil when it doesn't wait.
    public var waitingFor: String? { self[.waitingFor] }

    /// When it goes on although nothing came; nil when it doesn't wait, or that is never.
    public var wakeAt: Int64? { moment(.wakeAt) }

    /// Whether it can go on: it has failed, or could not be undone whole.
    public var isResumable: Bool { self[.resumable] == "1" }

    /// What became of the steps that can be undone; nil of a run that has not failed and was not cancelled.
    public var rollback: RollbackResult? { self[.rollback].flatMap { RollbackResult(rawValue: $0) } }

    /// Why it failed, or could not be undone whole; nil when it has not failed, or that is damaged.
    public var failure: RunFailure? {
        do { return try self[.error].map { json throws(BusError) in try RunFailure(json: json) } } catch { return nil }
    }
}
