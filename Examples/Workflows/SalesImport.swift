import CanoCore
import Foundation

/// The states of `sales-import`: what is there, each file by itself, and one table of it all.
package enum ImportStep: String, WorkflowState, CaseIterable {
    package typealias Input = SalesFolder
    package typealias Output = [String: Int]
    case extract, transform, load, done
}

package struct SalesFolder: Codable, Sendable {
    package let path: String

    package init(path: String) { self.path = path }
}

/// A line that is no sale. No further attempt cures it; clients get the code.
package struct BadLine: TerminalError, CodedError, CustomStringConvertible {
    package let file: String
    package let line: String
    package var code: String { "bad_line" }
    package var description: String { "\(file) has the line \"\(line)\": article,amount is expected" }
}

extension StoreKey<[String]> { static var files: Self { "files" } }
extension StoreKey<[String: Int]> { static var totals: Self { "totals" } }

/// Adds up the sales in a folder of CSV files, four files at a time.
package let salesImport = Workflow<ImportStep>("sales-import", startingAt: .extract) { state in
    switch state {
    case .extract:
        .task { context in
            let files = try FileManager.default.contentsOfDirectory(atPath: context.input.path)
            try await context.store.put(files.filter { $0.hasSuffix(".csv") }.sorted(), for: .files)
            return .transform
        }
    case .transform:
        .each("file", config: TaskConfig(attemptTimeout: .seconds(30)), join: JoinConfig(bulkhead: 4)) { context in
            try await context.store.require(.files)
        } branch: { file, context in
            try totals(of: file, in: context.input.path)
        } reduce: { files, context in
            let totals = files.outputs.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
            try await context.store.put(totals, for: .totals)
            return .load
        }
    case .load:
        .task { context in
            let lines = try await context.store.require(.totals).sorted { $0.key < $1.key }.map { "\($0.key),\($0.value)\n" }
            // All of it or nothing, and the same file when it is written again after a crash.
            try Data(lines.joined().utf8).write(to: URL(filePath: context.input.path + "/totals.txt"), options: .atomic)
            return .done
        }
    case .done: .exit { run in try await run.store.require(.totals) }
    }
}

private func totals(of file: String, in folder: String) throws -> [String: Int] {
    let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
    return try text.split(separator: "\n").reduce(into: [:]) { totals, line in
        let fields = line.split(separator: ",")
        guard fields.count == 2, let amount = Int(fields[1]) else { throw BadLine(file: file, line: String(line)) }
        totals[String(fields[0]), default: 0] += amount
    }
}
