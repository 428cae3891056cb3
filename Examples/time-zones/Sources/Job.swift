import Foundation

/// What a run is started with: `{"table":"Examples/time-zones/data/zone1970.tab","folder":"/tmp/clocks"}`.
struct Job: Codable, Sendable {
    /// The table of time zones.
    let table: String
    /// Where the results go.
    let folder: String
    /// How long each part takes at least; for trying what happens when the plug is pulled.
    let pauseMilliseconds: Int?

    enum CodingKeys: String, CodingKey {
        case table, folder
        case pauseMilliseconds = "pause_ms"
    }

    /// The rows of the table with the numbers of their lines, comments left out.
    func lines() throws -> [(number: Int, line: String)] {
        try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { (number: $0 + 1, line: String($1)) }.filter { !$0.line.isEmpty && !$0.line.hasPrefix("#") }
    }

    /// The lines of a file of the results.
    func read(_ file: String) throws -> [String] {
        try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// Writes a file of the results whole or not at all.
    func write(_ lines: [String], to file: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(lines.map { "\($0)\n" }.joined().utf8).write(to: URL(filePath: "\(folder)/\(file)"), options: .atomic)
    }
}
