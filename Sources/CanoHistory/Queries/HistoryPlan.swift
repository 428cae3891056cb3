#if SQLite
    import CanoBus
    import CanoClient
    import GRDB

    /// How runs are found: along one index, in the order of the list, each looked at for the rest of the filter. Pure.
    ///
    /// A query gives what the list is ordered by, the run's number, and whether the rest fits: in the order of the list, as far as it is read, and
    /// without sorting. In the indexes a status stands before the order, so each status that is meant has a query, and their lists are merged.
    struct HistoryPlan {
        typealias Condition = (sql: String, values: [any DatabaseValueConvertible])

        /// One of the lists.
        struct Query {
            let sql: String
            let arguments: StatementArguments
        }

        let queries: [Query]

        /// What is read in the order of the list.
        private struct Source {
            var table: String
            var order = "run.number"
            /// What has to be so of what is read.
            var conditions: [Condition] = []
            /// Whether it has a part for each status.
            var isByStatus = false

            static func index(_ name: String, order: String = "run.number", _ conditions: [Condition] = [], isByStatus: Bool = true)
                -> Source
            {
                Source(table: "run INDEXED BY \(name)", order: order, conditions: conditions, isByStatus: isByStatus)
            }
        }

        /// Plans; nil where no run can be meant.
        ///
        /// - Parameters:
        ///   - filter: Which runs are meant.
        ///   - cursor: Where to go on; nil at the beginning.
        ///   - limit: How many runs to look at.
        ///   - term: The number of a text.
        /// - Throws: What `term` throws.
        init?(_ filter: HistoryFilter, after cursor: HistoryCursor?, limit: Int, _ term: (String) throws -> Int64?) throws {
            var columns: [String: Condition] = [:]
            for (column, text) in [("workflow", filter.workflow), ("version", filter.version), ("state", filter.state)] {
                guard let text else { continue }
                guard let number = try term(text) else { return nil }
                columns[column] = ("run.\(column) = ?", [number])
            }
            guard let source = Self.source(of: filter, columns) else { return nil }

            let meant = HistoryStatus.allCases.filter { filter.statuses.isEmpty || filter.statuses.contains($0) }
            var rest = columns.values.filter { column in !source.conditions.contains { $0.sql == column.sql } }.sorted { $0.sql < $1.sql }
            if let code = filter.errorCode { rest.append(("run.error_code = ?", [code])) }
            rest += Self.conditions(of: filter.started, "run.started") + Self.conditions(of: filter.finished, "run.finished")
            // The first of them is what is read, unless words are.
            for (name, text) in filter.attributes.sorted(by: { $0.key < $1.key }).dropFirst(filter.text == nil ? 1 : 0) {
                rest.append(
                    (
                        "EXISTS (SELECT 1 FROM attribute other WHERE other.name = ? AND other.value = ? AND other.run = run.number)",
                        [name, RunAttribute.key(text)]
                    ))
            }
            if !source.isByStatus, meant.count < HistoryStatus.allCases.count {
                rest.append(("run.status IN (\(meant.map { String($0.code) }.joined(separator: ", ")))", []))
            }

            let place = cursor ?? HistoryCursor(order: .max, number: .max)
            let isByMoment = source.order == "run.started" || source.order == "run.finished"
            let keyset: Condition =
                isByMoment
                ? ("\(source.order) <= ? AND (\(source.order) < ? OR run.number < ?)", [place.order, place.order, place.number])
                : ("\(source.order) < ?", [place.number])
            queries = (source.isByStatus ? meant.map { $0 as HistoryStatus? } : [nil]).map { status in
                let wanted = (status.map { [("run.status = ?", [$0.code])] } ?? []) + source.conditions + [keyset]
                // What a run has not is no reason to fail: compared with nothing, it does not fit.
                let fits = rest.isEmpty ? "1" : "(\(rest.map(\.sql).joined(separator: " AND "))) IS TRUE"
                return Query(
                    sql: """
                        SELECT \(source.order), run.number, \(fits) FROM \(source.table) WHERE \(wanted.map(\.sql).joined(separator: " AND ")) \
                        ORDER BY \(source.order) DESC\(isByMoment ? ", run.number DESC" : "") LIMIT ?
                        """,
                    arguments: StatementArguments(rest.flatMap(\.values) + wanted.flatMap(\.values) + [limit]))
            }
        }

        /// The part of a filter that fewest runs fit, as far as its kind tells: the index that is read.
        private static func source(of filter: HistoryFilter, _ columns: [String: Condition]) -> Source? {
            if let text = filter.text {
                guard let expression = TextQuery(text).expression else { return nil }
                return Source(
                    table: "run_text CROSS JOIN run ON run.number = run_text.rowid", order: "run_text.rowid",
                    conditions: [("run_text MATCH ?", [expression])])
            }
            if let (name, text) = filter.attributes.min(by: { $0.key < $1.key }) {
                return Source(
                    table: "attribute CROSS JOIN run ON run.number = attribute.run", order: "attribute.run",
                    conditions: [("attribute.name = ? AND attribute.value = ?", [name, RunAttribute.key(text)])])
            }
            if let code = filter.errorCode { return .index("run_by_error", [("run.error_code = ?", [code])], isByStatus: false) }
            if filter.finished != RunFilter.Period() {
                return .index("run_by_end", order: "run.finished", conditions(of: filter.finished, "run.finished"))
            }
            if filter.started != RunFilter.Period() {
                return .index("run_by_start", order: "run.started", conditions(of: filter.started, "run.started"))
            }
            if let state = columns["state"] { return .index("run_by_state", [state]) }
            if let workflow = columns["workflow"] {
                guard let version = columns["version"] else { return .index("run_by_workflow", [workflow]) }
                return .index("run_by_version", [workflow, version])
            }
            return filter.statuses.isEmpty ? Source(table: "run") : .index("run_by_status")
        }

        private static func conditions(of period: RunFilter.Period, _ column: String) -> [Condition] {
            guard period != RunFilter.Period() else { return [] }
            return [("\(column) >= ? AND \(column) < ?", [period.from ?? .min, period.until ?? .max])]
        }
    }
#endif
