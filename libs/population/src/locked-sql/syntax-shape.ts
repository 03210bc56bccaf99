/**
 * What `json_serialize_sql` of DuckDB 1.5 writes for a SELECT: for each kind of node its fields, and what is in each. A kind
 * or a field that is not here is refused, so a construct of a later DuckDB waits until somebody has looked at it.
 */
export type Role =
  /** A number, a text, a truth value, null, or a list of them: nothing that could hold a node. */
  | 'plain'
  /** null or an empty list: the construct that would fill it is not taken. */
  | 'empty'
  | 'expression'
  | 'expressions'
  | 'rows'
  | 'table'
  | 'query'
  | 'statement'
  | 'ctes'
  | 'modifiers'
  | 'modifier'
  | 'orders'
  | 'constant'
  | 'constants'
  | 'type'
  | 'members'
  | 'cases'
  | 'pivots'
  | 'replacements'
  | 'names'
  | 'sample'
  | 'function';

export type Shape = Readonly<Record<string, Role>>;

const EXPRESSION = { class: 'plain', type: 'plain', alias: 'plain', query_location: 'plain' } as const;
const TABLE = { type: 'plain', alias: 'plain', sample: 'sample', query_location: 'plain' } as const;
const QUERY = { type: 'plain', modifiers: 'modifiers', cte_map: 'ctes' } as const;

/** By `class`. */
export const EXPRESSIONS: Readonly<Record<string, Shape>> = {
  BETWEEN: { ...EXPRESSION, input: 'expression', lower: 'expression', upper: 'expression' },
  CASE: { ...EXPRESSION, case_checks: 'cases', else_expr: 'expression' },
  CAST: { ...EXPRESSION, child: 'expression', cast_type: 'type', try_cast: 'plain' },
  COLLATE: { ...EXPRESSION, child: 'expression', collation: 'plain' },
  COLUMN_REF: { ...EXPRESSION, column_names: 'plain' },
  COMPARISON: { ...EXPRESSION, left: 'expression', right: 'expression' },
  CONJUNCTION: { ...EXPRESSION, children: 'expressions' },
  CONSTANT: { ...EXPRESSION, value: 'constant' },
  FUNCTION: {
    ...EXPRESSION,
    function_name: 'plain',
    schema: 'plain',
    catalog: 'plain',
    children: 'expressions',
    filter: 'expression',
    order_bys: 'modifier',
    distinct: 'plain',
    is_operator: 'plain',
    export_state: 'plain',
  },
  LAMBDA: { ...EXPRESSION, lhs: 'expression', expr: 'expression' },
  OPERATOR: { ...EXPRESSION, children: 'expressions' },
  PARAMETER: { ...EXPRESSION, identifier: 'plain' },
  POSITIONAL_REFERENCE: { ...EXPRESSION, index: 'plain' },
  STAR: {
    ...EXPRESSION,
    relation_name: 'plain',
    exclude_list: 'plain',
    replace_list: 'replacements',
    columns: 'plain',
    expr: 'expression',
    qualified_exclude_list: 'names',
    rename_list: 'names',
  },
  SUBQUERY: {
    ...EXPRESSION,
    subquery_type: 'plain',
    subquery: 'statement',
    child: 'expression',
    comparison_type: 'plain',
    sample: 'sample',
    column_name_alias: 'plain',
  },
  WINDOW: {
    ...EXPRESSION,
    function_name: 'plain',
    schema: 'plain',
    catalog: 'plain',
    children: 'expressions',
    partitions: 'expressions',
    orders: 'orders',
    start: 'plain',
    end: 'plain',
    start_expr: 'expression',
    end_expr: 'expression',
    offset_expr: 'expression',
    default_expr: 'expression',
    ignore_nulls: 'plain',
    filter_expr: 'expression',
    exclude_clause: 'plain',
    distinct: 'plain',
    arg_orders: 'orders',
  },
};

/** By `type`. */
export const TABLES: Readonly<Record<string, Shape>> = {
  BASE_TABLE: {
    ...TABLE,
    schema_name: 'plain',
    table_name: 'plain',
    column_name_alias: 'plain',
    catalog_name: 'plain',
    at_clause: 'empty',
  },
  EMPTY: TABLE,
  EXPRESSION_LIST: { ...TABLE, expected_names: 'plain', expected_types: 'empty', values: 'rows' },
  JOIN: {
    ...TABLE,
    left: 'table',
    right: 'table',
    condition: 'expression',
    join_type: 'plain',
    ref_type: 'plain',
    using_columns: 'plain',
    delim_flipped: 'plain',
    duplicate_eliminated_columns: 'empty',
  },
  PIVOT: {
    ...TABLE,
    source: 'table',
    aggregates: 'expressions',
    unpivot_names: 'plain',
    pivots: 'pivots',
    groups: 'plain',
    column_name_alias: 'plain',
    include_nulls: 'plain',
  },
  /** DESCRIBE and SUMMARIZE of a query; SHOW of anything else has no query. */
  SHOW_REF: {
    ...TABLE,
    table_name: 'plain',
    query: 'query',
    show_type: 'plain',
    catalog_name: 'plain',
    schema_name: 'plain',
  },
  SUBQUERY: { ...TABLE, subquery: 'statement', column_name_alias: 'plain' },
  TABLE_FUNCTION: { ...TABLE, function: 'function', column_name_alias: 'plain', with_ordinality: 'plain' },
};

/** By `type`. */
export const QUERIES: Readonly<Record<string, Shape>> = {
  RECURSIVE_CTE_NODE: {
    ...QUERY,
    cte_name: 'plain',
    union_all: 'plain',
    left: 'query',
    right: 'query',
    aliases: 'plain',
    key_targets: 'empty',
  },
  SELECT_NODE: {
    ...QUERY,
    select_list: 'expressions',
    from_table: 'table',
    where_clause: 'expression',
    group_expressions: 'expressions',
    group_sets: 'plain',
    aggregate_handling: 'plain',
    having: 'expression',
    sample: 'sample',
    qualify: 'expression',
  },
  SET_OPERATION_NODE: { ...QUERY, setop_type: 'plain', left: 'query', right: 'query', setop_all: 'plain' },
};

/** By `type`. */
export const MODIFIERS: Readonly<Record<string, Shape>> = {
  DISTINCT_MODIFIER: { type: 'plain', distinct_on_targets: 'expressions' },
  LIMIT_MODIFIER: { type: 'plain', limit: 'expression', offset: 'expression' },
  LIMIT_PERCENT_MODIFIER: { type: 'plain', limit: 'expression', offset: 'expression' },
  ORDER_MODIFIER: { type: 'plain', orders: 'orders' },
};

const TYPE_INFO = { type: 'plain', alias: 'plain', extension_info: 'empty' } as const;

/** By `type`, of `type_info`. */
export const TYPE_INFOS: Readonly<Record<string, Shape>> = {
  ARRAY_TYPE_INFO: { ...TYPE_INFO, child_type: 'type', size: 'plain' },
  DECIMAL_TYPE_INFO: { ...TYPE_INFO, width: 'plain', scale: 'plain' },
  GENERIC_TYPE_INFO: TYPE_INFO,
  LIST_TYPE_INFO: { ...TYPE_INFO, child_type: 'type' },
  STRUCT_TYPE_INFO: { ...TYPE_INFO, child_types: 'members' },
  /** A type that the catalog is asked for: its name is on the list, or it is refused. */
  UNBOUND_TYPE_INFO: {
    ...TYPE_INFO,
    name: 'plain',
    catalog: 'plain',
    schema: 'plain',
    user_type_modifiers: 'constants',
  },
};
