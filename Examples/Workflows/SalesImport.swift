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

/// Adds up the sales in a folder of CSV files, four files at a time.
package let salesImport = Workflow<ImportStep>("sales-import", startingAt: .extract) { state in
    switch state {
    case .extract:
        .step(then: .transform) { context in
            try FileManager.default.contentsOfDirectory(atPath: context.input.path).filter { $0.hasSuffix(".csv") }.sorted()
        }
    case .transform:
        .each(
            "file", config: TaskConfig(attemptTimeout: .seconds(30)), join: JoinConfig(bulkhead: 4), taking: [String].self, then: .load
        ) { file, context in
            try totals(of: file, in: context.input.path)
        } reduce: { files, _ in
            files.outputs.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
        }
    case .load:
        .step(taking: [String: Int].self, then: .done) { totals, context in
            let lines = totals.sorted { $0.key < $1.key }.map { "\($0.key),\($0.value)\n" }
            // All of it or nothing, and the same file when it is written again after a crash.
            try Data(lines.joined().utf8).write(to: URL(filePath: context.input.path + "/totals.txt"), options: .atomic)
            return totals
        }
    case .done: .exit(taking: [String: Int].self) { totals, _ in totals }
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
