import CanoCore
import CanoTesting
import FileCheckpoints
import Foundation

// A store of one's own, in FileCheckpoints, against all that the engine relies on. In a package it is a test with
// `arguments: CheckpointStoreConformance.all`.
let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).checkpoints").path
defer { try? FileManager.default.removeItem(atPath: path) }

let store = try FileCheckpointStore(path: path)
var broken: [String] = []
for check in CheckpointStoreConformance.all {
    do { try await check(store) } catch { broken.append("\(check): \(error)") }
}
print(broken.isEmpty ? "it does all that the engine asks of a store" : broken.joined(separator: "\n"))

// What the suite cannot know: whether rows outlive the process. Another store on the same file stands for the next one.
try await store.append(CheckpointRow(sequence: 0, state: "charge", task: "charge", payload: [1, 2, 3], writer: 7), to: "order-1")
let reopened = try await FileCheckpointStore(path: path).rows(of: "order-1")
print("after a restart: \(reopened.map { "\($0.kind.rawValue) \($0.state)" })")
print("the rows are the same: \(reopened == (try await store.rows(of: "order-1")))")
