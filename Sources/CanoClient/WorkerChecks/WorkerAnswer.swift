package import CanoBus
import CanoPrimitives

/// What a worker added to the stream of results.
package struct WorkerAnswer: Sendable, Hashable {
    /// The field `task` as it is; empty where there is none.
    let token: String
    /// What a bridge reads in it.
    let reading: Result<Command, Rejection>

    package init(token: String, reading: Result<Command, Rejection>) {
        self.token = token
        self.reading = reading
    }

    /// Reads an entry as a bridge does.
    ///
    /// - Parameters:
    ///   - entry: Its id.
    ///   - fields: Its fields.
    package init(_ entry: String, _ fields: [(name: [UInt8], value: [UInt8])]) {
        let task = fields.last { $0.name.elementsEqual(Field.task.rawValue.utf8) }
        token = task.map { String(decoding: $0.value, as: UTF8.self) } ?? ""
        let parser = CommandParser(limits: BusLimits())
        reading = Result { () throws(Rejection) in try parser.parse(entry, fields, from: .results) }
    }
}
