; Python: what its nodes are. docs/languages.md explains the words and the form of this file.
; Kinds that no pattern names have the role `other`.

; --- Modules, classes, functions ------------------------------------------------------------------
(module) @module
(block) @block
(comment) @comment
(line_continuation) @skip

(class_definition) @class
(class_definition name: (_) @class.name @structural)
(class_definition type_parameters: (_) @class.type @scope.type)
(class_definition superclasses: (_) @class.base @scope.outside)
(class_definition body: (_) @class.body)

(function_definition) @function
(function_definition "async") @async
(function_definition name: (_) @function.name @structural)
(function_definition type_parameters: (_) @function.type @scope.type)
(function_definition return_type: (_) @function.annotation @scope.outside @reference.type)
(function_definition parameters: (_) @function.parameter)
(function_definition body: (_) @function.body)

(decorated_definition) @structural @definition.wrapper
(decorator) @call @definition.decorator
(decorator (_) @call.callee)
(decorated_definition (decorator) @call.decorator)

(lambda) @lambda
(lambda parameters: (_) @lambda.parameter)
(lambda body: (_) @lambda.body)

; --- Parameters -----------------------------------------------------------------------------------
(parameters) @structural
(lambda_parameters) @structural
(parameters (identifier) @parameter)
(parameters (list_splat_pattern) @parameter)
(parameters (dictionary_splat_pattern) @parameter)
(lambda_parameters (identifier) @parameter)
(lambda_parameters (list_splat_pattern) @parameter)
(lambda_parameters (dictionary_splat_pattern) @parameter)
(default_parameter) @parameter
(default_parameter name: (_) @parameter.name @structural)
(default_parameter value: (_) @parameter.default @scope.around)
(typed_parameter) @parameter
(typed_parameter (_) @parameter.name @structural (#place! 0))
(typed_parameter type: (_) @parameter.annotation @scope.outside @reference.type)
(typed_default_parameter) @parameter
(typed_default_parameter name: (_) @parameter.name @structural)
(typed_default_parameter value: (_) @parameter.default @scope.around)
(typed_default_parameter type: (_) @parameter.annotation @scope.outside @reference.type)
(positional_separator) @structural @parameter.positional_mark
(keyword_separator) @structural @parameter.keyword_mark
(parameters (tuple_pattern) @parameter @binding.target)
(lambda_parameters (tuple_pattern) @parameter @binding.target)

; --- Comprehensions -------------------------------------------------------------------------------
((list_comprehension) @comprehension
  (#set! name "<listcomp>") (#set! operator "<operator>.listComprehension"))
((set_comprehension) @comprehension
  (#set! name "<setcomp>") (#set! operator "<operator>.setComprehension"))
((dictionary_comprehension) @comprehension
  (#set! name "<dictcomp>") (#set! operator "<operator>.dictComprehension"))
((generator_expression) @comprehension
  (#set! name "<genexpr>") (#set! operator "<operator>.generatorExpression"))
(list_comprehension body: (_) @comprehension.element)
(set_comprehension body: (_) @comprehension.element)
(dictionary_comprehension body: (_) @comprehension.element)
(generator_expression body: (_) @comprehension.element)
((for_in_clause) @foreach @comprehension.clause @scope.clause (#set! operator "__iter__"))
((for_in_clause "async") @async (#set! operator "__aiter__"))
(for_in_clause left: (_) @foreach.target @binding.target)
(for_in_clause right: (_) @foreach.iterable @scope.first_around)
(if_clause) @if @comprehension.filter
(if_clause (_) @if.condition)

; --- Control flow ---------------------------------------------------------------------------------
(if_statement) @if
(if_statement condition: (_) @if.condition)
(if_statement consequence: (_) @if.then)
(if_statement alternative: (elif_clause) @if.elif)
(if_statement alternative: (else_clause) @if.else)
(elif_clause) @if
(elif_clause condition: (_) @if.condition)
(elif_clause consequence: (_) @if.then)
(else_clause) @structural @if.else

((for_statement) @foreach @assign.loop (#set! operator "__iter__"))
((for_statement "async") @async (#set! operator "__aiter__"))
(for_statement left: (_) @foreach.target @binding.target)
(for_statement right: (_) @foreach.iterable)
(for_statement body: (_) @foreach.body)
(while_statement) @loop
(while_statement condition: (_) @loop.condition)
(while_statement body: (_) @loop.body)

(try_statement) @try
(try_statement body: (_) @try.body)
(except_clause) @handler @try.handler
((except_clause "*") (#set! group "true"))
(except_clause value: (_) @handler.type)
(except_clause alias: (_) @handler.target @binding.target)
(except_clause (block) @handler.body)
(finally_clause) @finally @try.finally
(finally_clause (block) @finally.body)

((with_statement) @with (#set! operator "__enter__"))
((with_statement "async") @async (#set! operator "__aenter__"))
(with_statement body: (_) @with.body)
(with_clause) @structural @with.item
(with_item) @structural @with.item
(as_pattern) @structural @assign.as
(as_pattern alias: (_) @with.target @binding.target)
(as_pattern_target) @structural @binding.pattern

(break_statement) @break
(continue_statement) @continue
(return_statement) @return
(return_statement (_) @return.value)
(raise_statement) @throw
(raise_statement (_) @throw.value (#place! 0))
(raise_statement cause: (_) @throw.argument)
(assert_statement) @assert
(assert_statement (_) @assert.condition (#place! 0))
(assert_statement (_) @assert.message (#place! 1))
((pass_statement) @operator (#set! operator "<operator>.pass"))
((yield) @yield (#set! operator "<operator>.yield"))
((yield "from") (#set! operator "<operator>.yieldFrom"))
(yield (_) @yield.value)
((await) @await (#set! operator "<operator>.await"))
(await (_) @await.operand)

; --- Pattern matching -----------------------------------------------------------------------------
(match_statement) @switch
(match_statement subject: (_) @switch.subject)
(match_statement body: (_) @switch.body)
(case_clause) @case
(case_clause (case_pattern) @case.pattern)
(case_clause guard: (_) @case.guard)
(case_clause consequence: (_) @case.body)
(case_pattern) @structural @binding.pattern
(case_pattern (dotted_name) @binding.capture)
((union_pattern) @operator @binding.pattern (#set! operator "<operator>.patternOr"))
(union_pattern (dotted_name) @binding.capture)
((class_pattern) @operator @binding.pattern (#set! operator "<operator>.classPattern"))
(class_pattern (dotted_name) @call.callee @binding.capture @reference.read)
(keyword_pattern) @structural @binding.pattern
(keyword_pattern (identifier) @structural (#place! 0))
(keyword_pattern (dotted_name) @binding.capture)
((dict_pattern) @container @binding.pattern (#set! operator "<operator>.dictLiteral"))
(dict_pattern key: (_) @container.key)
(dict_pattern key: (dotted_name) @container.key @binding.capture @reference.read)
(dict_pattern value: (_) @container.value)
((splat_pattern) @spread @binding.pattern @binding.star (#set! operator "<operator>.starredUnpack"))
(splat_pattern "**") @binding.double_star
(splat_pattern (identifier) @binding.target)
((complex_pattern) @literal.other @token)

(as_pattern (identifier) @binding.target (#place! 1))

; --- Assignments, imports, declarations -----------------------------------------------------------
(expression_statement) @structural
((assignment) @operator @assign.plain (#set! operator "<operator>.assignment"))
(assignment left: (_) @operator.target @binding.target)
(assignment right: (_) @operator.value)
(assignment type: (_) @operator.annotation @reference.type)
(augmented_assignment) @operator @assign.augmented
(augmented_assignment left: (_) @operator.target @binding.update)
(augmented_assignment right: (_) @operator.value)
((augmented_assignment "+=") (#set! operator "<operator>.assignmentPlus"))
((augmented_assignment "-=") (#set! operator "<operator>.assignmentMinus"))
((augmented_assignment "*=") (#set! operator "<operator>.assignmentMultiplication"))
((augmented_assignment "/=") (#set! operator "<operator>.assignmentDivision"))
((augmented_assignment "@=") (#set! operator "<operator>.assignmentMatrixMultiplication"))
((augmented_assignment "//=") (#set! operator "<operator>.assignmentFloorDivision"))
((augmented_assignment "%=") (#set! operator "<operator>.assignmentModulo"))
((augmented_assignment "**=") (#set! operator "<operator>.assignmentExponentiation"))
((augmented_assignment ">>=") (#set! operator "<operator>.assignmentArithmeticShiftRight"))
((augmented_assignment "<<=") (#set! operator "<operator>.assignmentShiftLeft"))
((augmented_assignment "&=") (#set! operator "<operator>.assignmentAnd"))
((augmented_assignment "^=") (#set! operator "<operator>.assignmentXor"))
((augmented_assignment "|=") (#set! operator "<operator>.assignmentOr"))
((named_expression) @operator @assign.walrus (#set! operator "<operator>.assignment"))
(named_expression name: (_) @operator.target @binding.target)
(named_expression value: (_) @operator.value)
((delete_statement) @operator (#set! operator "<operator>.delete"))
(delete_statement (_) @operator.argument @binding.delete)
(delete_statement (expression_list) @structural @binding.pattern)

; The grammar takes `type(x).y = z` for an alias; the token is there for the call that it is.
((type_alias_statement) @type @definition.type (#set! operator "<operator>.assignment"))
(type_alias_statement "type" @structural @definition.type_token)
(type_alias_statement left: (_) @type.name)
(type_alias_statement right: (_) @type.value @reference.type)

(global_statement) @declare.global
(global_statement (_) @declare.name @structural)
(nonlocal_statement) @declare.nonlocal
(nonlocal_statement (_) @declare.name @structural)

(import_statement) @import
(import_statement name: (_) @import.name)
(import_from_statement) @import.from
(import_from_statement module_name: (_) @import.module)
(import_from_statement name: (_) @import.name)
(future_import_statement) @import.future
(future_import_statement name: (_) @import.name)
(dotted_name) @structural
(dotted_name (identifier) @structural)
(aliased_import) @structural
(aliased_import alias: (_) @structural @import.alias)
(relative_import) @structural
(import_prefix) @structural @import.prefix
(wildcard_import) @structural @import.star

; --- Calls, members, subscripts -------------------------------------------------------------------
(call) @call
(call function: (_) @call.callee)
(call arguments: (_) @call.argument)
(argument_list) @structural
(keyword_argument) @structural @argument.keyword
(keyword_argument name: (_) @call.name @structural)
((list_splat) @spread @binding.star @binding.pattern (#set! operator "<operator>.starredUnpack"))
((dictionary_splat) @spread @binding.double_star
  (#set! operator "<operator>.doubleStarredUnpack"))
(parenthesized_list_splat) @structural
((attribute) @member (#set! operator "<operator>.fieldAccess"))
(attribute object: (_) @member.object)
(attribute attribute: (_) @member.name @field)
((subscript) @subscript (#set! operator "<operator>.indexAccess"))
(subscript value: (_) @subscript.object)
(subscript subscript: (_) @subscript.index)
((slice) @operator (#set! operator "<operator>.slice"))
; What is left of Python 2, and of `print >> file, text`, which is an operator in Python 3. The names
; are keywords to the grammar: their tokens are made nodes.
(print_statement) @call
((print_statement (chevron)) @operator (#set! operator "<operator>.arithmeticShiftRight"))
(print_statement "print" @identifier @call.callee)
(print_statement (_) @call.argument)
(exec_statement) @call
(exec_statement "exec" @identifier @call.callee)
(exec_statement (_) @call.argument)
(chevron) @structural

; --- Operators ------------------------------------------------------------------------------------
(parenthesized_expression) @structural @binding.pattern
((conditional_expression) @operator (#set! operator "<operator>.conditional"))
(conditional_expression (_) @if.then (#place! 0))
(conditional_expression (_) @if.condition (#place! 1))
(conditional_expression (_) @if.else (#place! 2))
((not_operator) @operator (#set! operator "<operator>.logicalNot"))
(not_operator argument: (_) @operator.operand)
(boolean_operator) @operator
(boolean_operator left: (_) @operator.left)
(boolean_operator right: (_) @operator.right)
((boolean_operator "and") (#set! operator "<operator>.logicalAnd"))
((boolean_operator "or") (#set! operator "<operator>.logicalOr"))
(binary_operator) @operator
(binary_operator left: (_) @operator.left)
(binary_operator right: (_) @operator.right)
((binary_operator "+") (#set! operator "<operator>.addition"))
((binary_operator "-") (#set! operator "<operator>.subtraction"))
((binary_operator "*") (#set! operator "<operator>.multiplication"))
((binary_operator "@") (#set! operator "<operator>.matrixMultiplication"))
((binary_operator "/") (#set! operator "<operator>.division"))
((binary_operator "%") (#set! operator "<operator>.modulo"))
((binary_operator "//") (#set! operator "<operator>.floorDivision"))
((binary_operator "**") (#set! operator "<operator>.exponentiation"))
((binary_operator "|") (#set! operator "<operator>.or"))
((binary_operator "&") (#set! operator "<operator>.and"))
((binary_operator "^") (#set! operator "<operator>.xor"))
((binary_operator "<<") (#set! operator "<operator>.shiftLeft"))
((binary_operator ">>") (#set! operator "<operator>.arithmeticShiftRight"))
(unary_operator) @operator
(unary_operator argument: (_) @operator.operand)
((unary_operator "+") (#set! operator "<operator>.plus"))
((unary_operator "-") (#set! operator "<operator>.minus"))
((unary_operator "~") (#set! operator "<operator>.not"))
((comparison_operator) @operator (#set! operator.many "<operator>.compare"))
(comparison_operator (_) @operator.operand)
((comparison_operator "<") (#set! operator "<operator>.lessThan"))
((comparison_operator "<=") (#set! operator "<operator>.lessEqualsThan"))
((comparison_operator "==") (#set! operator "<operator>.equals"))
((comparison_operator "!=") (#set! operator "<operator>.notEquals"))
((comparison_operator "<>") (#set! operator "<operator>.notEquals"))
((comparison_operator ">=") (#set! operator "<operator>.greaterEqualsThan"))
((comparison_operator ">") (#set! operator "<operator>.greaterThan"))
((comparison_operator "in") (#set! operator "<operator>.in"))
((comparison_operator "not in") (#set! operator "<operator>.notIn"))
((comparison_operator "is") (#set! operator "<operator>.is"))
((comparison_operator "is not") (#set! operator "<operator>.isNot"))

; --- Containers -----------------------------------------------------------------------------------
((list) @container @binding.pattern (#set! operator "<operator>.listLiteral"))
((list_pattern) @container @binding.pattern (#set! operator "<operator>.listLiteral"))
((tuple) @container @binding.pattern (#set! operator "<operator>.tupleLiteral"))
((expression_list) @container @binding.pattern (#set! operator "<operator>.tupleLiteral"))
((pattern_list) @container @binding.pattern (#set! operator "<operator>.tupleLiteral"))
; `(a) = 1` is no tuple: the comma makes one.
(tuple_pattern) @structural @binding.pattern
((tuple_pattern ",") @container (#set! operator "<operator>.tupleLiteral"))
((set) @container (#set! operator "<operator>.setLiteral"))
((dictionary) @container (#set! operator "<operator>.dictLiteral"))
((pair) @pair (#set! operator "<operator>.pair"))
(pair key: (_) @pair.key)
(pair value: (_) @pair.value)
((list_splat_pattern) @spread @binding.pattern @binding.star
  (#set! operator "<operator>.starredUnpack"))
((dictionary_splat_pattern) @spread @binding.pattern @binding.double_star
  (#set! operator "<operator>.doubleStarredUnpack"))

; --- Literals and names ---------------------------------------------------------------------------
(identifier) @identifier
((identifier) @binding.export (#eq? @binding.export "__all__"))
(string) @literal.string
(string_start) @skip
(string_content) @skip
(string_end) @skip
((string (interpolation)) @operator (#set! operator "<operator>.formatString"))
((concatenated_string) @operator (#set! operator "<operator>.stringConcatenation"))
((interpolation) @interpolation (#set! operator "<operator>.formattedValue"))
(interpolation expression: (_) @interpolation.value)
; f"{x:=10}" has a format, not an assignment; f"{(x:=10)}" has one.
(interpolation expression: (named_expression) @interpolation.value @binding.implicit)
((format_expression) @interpolation (#set! operator "<operator>.formattedValue"))
(format_expression expression: (_) @interpolation.value)
(format_specifier) @structural
(type_conversion) @structural
(integer) @literal.integer
(float) @literal.float
(true) @literal.boolean
(false) @literal.boolean
(none) @literal.none
(ellipsis) @literal.ellipsis

; --- Types ----------------------------------------------------------------------------------------
(type) @type
(generic_type) @type
(union_type) @type
(constrained_type) @type
(member_type) @type
(member_type (identifier) @member.name @field)
(splat_type) @type
(type_parameter) @structural
