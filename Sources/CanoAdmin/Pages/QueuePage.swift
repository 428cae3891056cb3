import CanoBus
import CanoClient
import CanoPrimitives

/// One queue: its oldest tasks and its workers.
struct QueuePage: AdminPage {
    static let path = AdminPath.queue

    let queue: TaskQueue
    let tasks: [QueuedTask]

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> QueuePage {
        let name = try query.required("name")
        return QueuePage(queue: try await bus.client.taskQueue(named: name), tasks: try await bus.client.tasks(on: name, count: 100))
    }

    var title: String { "Queue \(queue.name)" }

    func main(on site: Site) -> HTML {
        let workers = queue.workers.map { ["\($0.name)", "\($0.inHand)", "\($0.silence.short)"] as [HTML] }
        let rows = tasks.map { task in
            [
                site.link(run: task[.run]), "\(task[.state])", "\(task[.attempt])", "\(task.age.short)", "\(task.holder?.worker ?? "–")",
                "\(task.holder?.silence.short ?? "–")",
                "<details id=\"t\("\(task.id)")\"><summary>input</summary>\(HTML.block(task[.input].indentedJSON))</details>",
            ] as [HTML]
        }
        return """
            <h1>Queue <span class="id">\(queue.name)</span></h1>
            \(HTML.facts([("waiting", "\(queue.waiting)"), ("held back", "\(queue.held)"), ("in hand", "\(queue.inHand)")]))
            <h2>Workers</h2>
            \(HTML.table(["Worker", "#In hand", "#Last heard of"], workers, empty: "No worker has read this queue."))
            <h2>The oldest tasks</h2>
            \(HTML.table(["Run", "State", "#Attempt", "#Age", "Worker", "#Last heard of", ""], rows, empty: "The queue is empty."))
            """
    }

    var json: String {
        var text = JSONWriter()
        text.member("queue", json: queue.json)
        text.member("tasks", json: JSONWriter.array(tasks.map(\.json)))
        return text.object
    }
}
