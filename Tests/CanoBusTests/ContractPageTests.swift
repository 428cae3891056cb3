import Testing

@testable import CanoBus

@Suite("What docs/contract.md says", .timeLimit(.minutes(5)))
struct ContractPageTests {
    private let page: ContractPage

    init() throws {
        page = try ContractPage()
    }

    private func firstColumn(of beginning: String) -> [String] { page.table(with: beginning).flatMap { $0[0] } }

    private func names(_ fields: [Field]) -> [String] { fields.map(\.rawValue) }

    @Test("of a start's fields is what its table has")
    func start() {
        let fields = firstColumn(of: "| `workflow` | required | the name of a workflow")
        #expect(Set(fields) == Set(names([.type] + StartCommand.definitions.map(\.field))))
    }

    @Test("of a schedule's fields is what its table has")
    func schedule() {
        let fields = firstColumn(of: "| `every_ms` | | the first time")
        #expect(Set(fields) == Set(names([.type] + ScheduleCommand.definitions.map(\.field))))
        let unschedule = Set(names(UnscheduleCommand.definitions.map(\.field)))
        #expect(unschedule.isSubset(of: fields))
    }

    @Test("of a signal's fields is what its table has")
    func signal() {
        #expect(Set(firstColumn(of: "| `message_id` |")) == Set(names([.type] + SignalCommand.definitions.map(\.field))))
        let rows = page.table(with: "| `woke` |")
        #expect(rows.compactMap { $0[0].first } == SignalOutcome.allCases.map(\.rawValue))
    }

    @Test("of a task's fields is what they are, in that order")
    func task() {
        #expect(firstColumn(of: "| `idempotency_key` |") == names(TaskEntry.definitions.map(\.field)))
    }

    @Test("of what a worker answers, and with which fields, is what the table has")
    func answers() {
        let rows = page.table(with: "| `complete` |")
        #expect(rows.compactMap { $0[0].first } == CommandType.allCases.filter(\.isAnswer).map(\.rawValue))
        for (row, answer) in zip(rows, CommandCatalog.all.filter { $0.type.isAnswer }) {
            #expect(Set(row[1]) == Set(names(answer.definitions.map(\.field).filter { $0 != .task })), "\(answer.type)")
        }
    }

    @Test("of the rules of answers has a row for each field of any, and says which are required")
    func answerFields() {
        let definitions = CommandCatalog.all.filter { $0.type.isAnswer }.flatMap { $0.definitions }
        #expect(Set(firstColumn(of: "| `retry_after_ms` |")) == Set(names(definitions.map(\.field))))
        #expect(Set(page.required(in: "| `retry_after_ms` |")) == Set(names(definitions.filter(\.isRequired).map(\.field))))
    }

    @Test("of required fields is what the tables have")
    func required() {
        for (beginning, table) in [
            ("| `workflow` | required | the name of a workflow", StartCommand.definitions),
            ("| `every_ms` | | the first time", ScheduleCommand.definitions), ("| `message_id` |", SignalCommand.definitions),
        ] {
            let required = page.required(in: beginning)
            #expect(Set(required) == Set(names([.type] + table.filter(\.isRequired).map(\.field))))
        }
    }

    @Test("of a CloudEvent's attributes is what they are called")
    func cloudEvents() {
        let rows = page.table(with: "| `reply_to`, `expires_at`")
        #expect(!rows.isEmpty)
        var told: [String: String] = [:]
        for row in rows where row[0].count == row[1].count || row[1].isEmpty {
            for (index, field) in row[0].enumerated() { told[field] = row[1].isEmpty ? field : row[1][index] }
        }
        for definition in CommandCatalog.all.filter({ !$0.type.isAnswer }).flatMap({ $0.definitions }) {
            let field = definition.field
            guard ![.id, .name].contains(field) else { continue }
            #expect(told[field.rawValue] == field.cloudEventName, "\(field)")
        }
    }

    @Test("of the fields of every event is what they are, in that order")
    func envelope() {
        #expect(firstColumn(of: "| `specversion` | `1.0` |") == names(EventEntry.fields))
    }

    @Test("of each type of event is its level and its data")
    func events() throws {
        var told: Set<EventType> = []
        for row in page.table(with: "| `cano.run.started` |") {
            let first = try #require(row[0].first)
            let stem = first[..<(try #require(first.lastIndex(of: ".")))]
            let types = try row[0].map { try #require(EventType(rawValue: $0.hasPrefix(".") ? stem + $0 : $0)) }
            told.formUnion(types)
            #expect(types.allSatisfy { $0.level.rawValue == row[1].first }, "\(first)")
            let members = types.compactMap { EventCatalog.dataType(of: $0)?.members }.flatMap { $0 }
            let names = Set(members.map(\.field.rawValue))
            #expect(names.isSubset(of: row[2]), "\(first)")
            let words =
                members.flatMap { $0.kind.words } + ["null"]
                + EventType.allCases.compactMap { $0.rawValue.split(separator: ".").last.map(String.init) }
            #expect(Set(row[2]).subtracting(words).isSubset(of: names), "\(first)")
        }
        #expect(told == Set(EventType.allCases))
    }

    @Test("of a failure is what it has")
    func failure() {
        #expect(firstColumn(of: "| `category` |") == RunFailure.members.map(\.field.rawValue))
    }

    @Test("of a run's record is what its table has, and what its words are")
    func record() {
        let rows = page.table(with: "| `status` | `scheduled`, `running`")
        #expect(Set(rows.flatMap { $0[0] }) == Set(names(RunRecord.order)))
        #expect(rows.first { $0[0] == ["status"] }?[1] == RunStatus.allCases.map(\.rawValue))
        #expect(rows.first { $0[0] == ["rollback"] }?[1] == RollbackResult.allCases.map(\.rawValue))
    }

    @Test("of rejections is every code there is")
    func codes() {
        #expect(Set(firstColumn(of: "| `missing_field` |")) == Set(RejectionCode.allCases.map(\.rawValue)))
    }

    @Test("of a graph is what it has")
    func graph() {
        let rows = page.table(with: "| `start` | the label of the state")
        #expect(rows.flatMap { $0[0] } == GraphRecord.members.map(\.field.rawValue))
        for (row, member) in zip(rows, GraphRecord.members) {
            guard case .objects(let members) = member.kind else { continue }
            #expect(row[1] == members.map(\.field.rawValue))
        }
    }

    @Test("of keys is what they are called")
    func keys() throws {
        let keys = try BusKeys(prefix: "P")
        let made = [
            keys.commands, keys.control, keys.events, keys.replies(to: "<name>"), keys.deadLetters, keys.record(of: "<id>"),
            keys.runStore(of: "<id>"), keys.log(of: "<id>"), keys.leases(of: "<workflow>", version: "<version>"), keys.bridges,
            keys.workflows, keys.known, keys.timers(of: "<workflow>", version: "<version>"),
            keys.cancellation(of: "<id>"), keys.store(named: "<name>"), keys.probe(of: "<bridge>"), keys.schedules,
            keys.schedule(named: "<name>"), keys.tasks(on: "<queue>"), keys.results, keys.openTasks(of: "<id>"), keys.queues,
            keys.waits(of: "<workflow>", version: "<version>"), keys.inbox(of: "<id>"), keys.orphans, keys.failed,
            keys.heldTasks(on: "<queue>"), keys.deadlines, keys.graphs, keys.shards, keys.durability,
        ]
        #expect(Set(firstColumn(of: "| `P:commands` |")) == Set(made))
    }
}

extension Member.Kind {
    /// The texts it allows, where it allows certain ones.
    fileprivate var words: [String] {
        switch self {
        case .word(let words): words
        case .optional(let kind): kind.words
        default: []
        }
    }
}
