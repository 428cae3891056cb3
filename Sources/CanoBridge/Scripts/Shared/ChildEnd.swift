import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis

/// The end of a child, as the script that ends it tells the parent.
struct ChildEnd: Sendable, Hashable {
    let name: ChildName
    /// Where the parent is listed while it waits, which the script answers that does not know.
    var parent = ParentPlace()
    /// What the parent gets to know.
    let answer: WorkAnswer
    /// Milliseconds since 1970.
    let made: Int64

    /// The workflow and version of a parent.
    struct ParentPlace: Sendable, Hashable {
        var workflow = ""
        var version = ""

        /// Reads the answer of a script that was told another place; nil when it is none.
        init?(_ reply: RESPValue) {
            guard let parts = reply.arrayValue, parts.count == 3, parts[0].string == "parent", let workflow = parts[1].string,
                let version = parts[2].string
            else { return nil }
            (self.workflow, self.version) = (workflow, version)
        }

        init() {}
    }

    /// The end of a run; nil when it is no child.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - workflow: Its workflow.
    ///   - error: What it ended with in place of an output.
    ///   - made: Milliseconds since 1970.
    init?(of run: String, workflow: String, endedBy error: CanoError, made: Int64) {
        self.init(of: run, .failed(WorkFailure(of: RunID(run), workflow: workflow, endedBy: error)), made: made)
    }

    /// The end of a run; nil when it is no child.
    init?(of run: String, workflow: String, _ ending: RunEnding, made: Int64) {
        if let error = ending.childError {
            self.init(of: run, workflow: workflow, endedBy: error, made: made)
        } else {
            self.init(of: run, .completed(output: Array((ending.output ?? "null").utf8)), made: made)
        }
    }

    private init?(of run: String, _ answer: WorkAnswer, made: Int64) {
        guard let name = ChildName(run) else { return nil }
        self.name = name
        self.answer = answer
        self.made = made
    }

    /// The id of the signal: no two legs have the same, and none has two.
    fileprivate var id: String { "\(InboxSignal.answerPrefix).\(name.leg.drop { $0 == "/" })/\(made)-0" }
}

/// Whom the end of a child is told, among the arguments of a script.
enum ParentItem: String, ScriptItem {
    case run, leg, workflow, version
    case answerID = "answer_id"
    case signal

    static let item = "parent"
}

extension ScriptKeys {
    /// Adds the keys of the parent, behind all others.
    mutating func append(parentOf end: ChildEnd?, on keys: BusKeys) {
        guard let end else { return }
        let parent = end.name.parent
        append(more: keys.record(of: parent))
        append(more: keys.inbox(of: parent))
        append(more: keys.openTasks(of: parent))
        append(more: keys.waits(of: end.parent.workflow, version: end.parent.version))
    }
}

extension ScriptArguments {
    /// Adds a list of one parent, or of none.
    mutating func append(parentOf end: ChildEnd?) {
        append(list: ParentItem.self, of: end) { list, end in
            list.append(.run, end.name.parent)
            list.append(.leg, end.name.leg)
            list.append(.workflow, end.parent.workflow)
            list.append(.version, end.parent.version)
            list.append(.answerID, end.id)
            list.append(.signal, InboxSignal.json(of: end.answer, to: end.name.leg, attempt: end.name.attempt))
        }
    }
}
