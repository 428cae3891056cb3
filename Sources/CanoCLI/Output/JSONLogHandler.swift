import CanoPrimitives
import Foundation
import Logging
import Synchronization

/// Logs on standard error, one JSON object a line: `time` (RFC 3339, UTC), `level`, `logger` and `message`, then the metadata.
///
/// Metadata stands beside them under its own keys, dictionaries in it as `key.member`. A key that is taken stands as `metadata.key`.
struct JSONLogHandler: LogHandler {
    private static let ownMembers: Set = ["time", "level", "logger", "message"]
    /// Lines of several threads must not mix.
    private static let lines = Mutex(())

    let label: String
    var logLevel = Logger.Level.info
    var metadata = Logger.Metadata()
    var metadataProvider: Logger.MetadataProvider?

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = line(of: event, at: Int64(Date().timeIntervalSince1970 * 1000))
        Self.lines.withLock { _ in StandardError.write(line) }
    }

    /// The line for an event.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - time: Milliseconds since 1970.
    /// - Returns: The JSON, without the end of the line.
    func line(of event: LogEvent, at time: Int64) -> String {
        var writer = JSONWriter()
        writer.member("time", Timestamp.text(time))
        writer.member("level", event.level.rawValue)
        writer.member("logger", label)
        writer.member("message", "\(event.message)")
        var all = metadataProvider?.get() ?? [:]
        all.merge(metadata) { $1 }
        if let error = event.error { all["error"] = "\(error)" }
        all.merge(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            Self.add(value, as: Self.ownMembers.contains(key) ? "metadata.\(key)" : key, to: &writer)
        }
        return writer.object
    }

    private static func add(_ value: Logger.MetadataValue, as key: String, to writer: inout JSONWriter) {
        guard case .dictionary(let members) = value else { return writer.member(key, json: json(value)) }
        for (name, member) in members.sorted(by: { $0.key < $1.key }) { add(member, as: "\(key).\(name)", to: &writer) }
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): return JSONWriter.string(text)
        case .stringConvertible(let value): return JSONWriter.string("\(value)")
        case .array(let values): return JSONWriter.array(values.map(json))
        case .dictionary(let members):
            var writer = JSONWriter()
            for (name, member) in members.sorted(by: { $0.key < $1.key }) { writer.member(name, json: json(member)) }
            return writer.object
        }
    }
}
