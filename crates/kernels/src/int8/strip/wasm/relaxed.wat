;; Sums of products of rows in 0..=127 with panels of sixteen int8 outputs: `Strip` in ../../strip.rs says the layouts.
;;
;; A browser compiles the relaxed dot product to one instruction where the processor has one (`vpdpbusd`, `sdot`), else to
;; three. It wants its second operand in 0..=127, where all processors agree on the result.
;;
;; Tiles are four rows by eight outputs, or one row by sixteen outputs of two panels: eight sums, which hide the latency of
;; the instruction. Nothing here uses a stack, so the module can share the memory of another.
(module
  (import "env" "memory" (memory 0))

  ;; Four rows from $row on, $depth apart, with eight outputs at $weights; sums are $width bytes apart.
  (func $int8_four_rows (param $row i32) (param $depth i32) (param $weights i32) (param $sums i32) (param $width i32)
    (local $end i32) (local $row1 i32) (local $row2 i32) (local $row3 i32) (local $w0 v128) (local $w1 v128) (local $x v128)
    (local $s00 v128) (local $s01 v128)
    (local $s10 v128) (local $s11 v128)
    (local $s20 v128) (local $s21 v128)
    (local $s30 v128) (local $s31 v128)
    (local.set $end (i32.add (local.get $row) (local.get $depth)))
    (local.set $row1 (local.get $end))
    (local.set $row2 (i32.add (local.get $row1) (local.get $depth)))
    (local.set $row3 (i32.add (local.get $row2) (local.get $depth)))
    (block $done
      (loop $quads
        (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
        (local.set $w0 (v128.load align=1 (local.get $weights)))
        (local.set $w1 (v128.load offset=16 align=1 (local.get $weights)))
        (local.set $x (v128.load32_splat align=1 (local.get $row)))
        (local.set $s00 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $w0) (local.get $x) (local.get $s00)))
        (local.set $s01 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $w1) (local.get $x) (local.get $s01)))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (local.set $x (v128.load32_splat align=1 (local.get $row1)))
        (local.set $s10 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $w0) (local.get $x) (local.get $s10)))
        (local.set $s11 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $w1) (local.get $x) (local.get $s11)))
        (local.set $row1 (i32.add (local.get $row1) (i32.const 4)))
        (local.set $x (v128.load32_splat align=1 (local.get $row2)))
        (local.set $s20 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $w0) (local.get $x) (local.get $s20)))
        (local.set $s21 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $w1) (local.get $x) (local.get $s21)))
        (local.set $row2 (i32.add (local.get $row2) (i32.const 4)))
        (local.set $x (v128.load32_splat align=1 (local.get $row3)))
        (local.set $s30 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $w0) (local.get $x) (local.get $s30)))
        (local.set $s31 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $w1) (local.get $x) (local.get $s31)))
        (local.set $row3 (i32.add (local.get $row3) (i32.const 4)))
        (local.set $weights (i32.add (local.get $weights) (i32.const 64)))
        (br $quads)))
    (v128.store align=4 (local.get $sums) (local.get $s00))
    (v128.store offset=16 align=4 (local.get $sums) (local.get $s01))
    (local.set $sums (i32.add (local.get $sums) (local.get $width)))
    (v128.store align=4 (local.get $sums) (local.get $s10))
    (v128.store offset=16 align=4 (local.get $sums) (local.get $s11))
    (local.set $sums (i32.add (local.get $sums) (local.get $width)))
    (v128.store align=4 (local.get $sums) (local.get $s20))
    (v128.store offset=16 align=4 (local.get $sums) (local.get $s21))
    (local.set $sums (i32.add (local.get $sums) (local.get $width)))
    (v128.store align=4 (local.get $sums) (local.get $s30))
    (v128.store offset=16 align=4 (local.get $sums) (local.get $s31))
  )

  ;; One row with the sixteen outputs at $left and those at $right.
  (func $int8_one_row (param $row i32) (param $depth i32) (param $left i32) (param $right i32) (param $sums_left i32) (param $sums_right i32)
    (local $end i32) (local $x v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128) (local $s4 v128) (local $s5 v128) (local $s6 v128) (local $s7 v128)
    (local.set $end (i32.add (local.get $row) (local.get $depth)))
    (block $done
      (loop $quads
        (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
        (local.set $x (v128.load32_splat align=1 (local.get $row)))
        (local.set $s0 (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load align=1 (local.get $left)) (local.get $x) (local.get $s0)))
        (local.set $s1 (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load offset=16 align=1 (local.get $left)) (local.get $x) (local.get $s1)))
        (local.set $s2 (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load offset=32 align=1 (local.get $left)) (local.get $x) (local.get $s2)))
        (local.set $s3 (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load offset=48 align=1 (local.get $left)) (local.get $x) (local.get $s3)))
        (local.set $s4 (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load align=1 (local.get $right)) (local.get $x) (local.get $s4)))
        (local.set $s5 (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load offset=16 align=1 (local.get $right)) (local.get $x) (local.get $s5)))
        (local.set $s6 (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load offset=32 align=1 (local.get $right)) (local.get $x) (local.get $s6)))
        (local.set $s7 (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.load offset=48 align=1 (local.get $right)) (local.get $x) (local.get $s7)))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (local.set $left (i32.add (local.get $left) (i32.const 64)))
        (local.set $right (i32.add (local.get $right) (i32.const 64)))
        (br $quads)))
    (v128.store align=4 (local.get $sums_left) (local.get $s0))
    (v128.store offset=16 align=4 (local.get $sums_left) (local.get $s1))
    (v128.store offset=32 align=4 (local.get $sums_left) (local.get $s2))
    (v128.store offset=48 align=4 (local.get $sums_left) (local.get $s3))
    (v128.store align=4 (local.get $sums_right) (local.get $s4))
    (v128.store offset=16 align=4 (local.get $sums_right) (local.get $s5))
    (v128.store offset=32 align=4 (local.get $sums_right) (local.get $s6))
    (v128.store offset=48 align=4 (local.get $sums_right) (local.get $s7))
  )

  (func $int8_strip (export "strip") (param $rows i32) (param $count i32) (param $depth i32) (param $weights i32) (param $panels i32) (param $sums i32)
    (local $width i32) (local $bytes i32) (local $panel i32) (local $fours i32) (local $at i32) (local $row i32) (local $out i32)
    (local $next i32)
    (local.set $width (i32.shl (local.get $panels) (i32.const 6)))
    (local.set $bytes (i32.shl (local.get $depth) (i32.const 4)))
    (local.set $fours (i32.and (local.get $count) (i32.const -4)))
    ;; Rows by fours, the panel's weights staying in the cache.
    (block $no_panel
      (loop $panels_loop
        (br_if $no_panel (i32.ge_u (local.get $panel) (local.get $panels)))
        (local.set $at (i32.const 0))
        (local.set $row (local.get $rows))
        (local.set $out (i32.add (local.get $sums) (i32.shl (local.get $panel) (i32.const 6))))
        (local.set $next (i32.add (local.get $weights) (i32.mul (local.get $panel) (local.get $bytes))))
        (block $no_row
          (loop $rows_loop
            (br_if $no_row (i32.ge_u (local.get $at) (local.get $fours)))
            (call $int8_four_rows (local.get $row) (local.get $depth) (local.get $next) (local.get $out) (local.get $width))
            (call $int8_four_rows (local.get $row) (local.get $depth) (i32.add (local.get $next) (i32.const 32))
              (i32.add (local.get $out) (i32.const 32)) (local.get $width))
            (local.set $row (i32.add (local.get $row) (i32.shl (local.get $depth) (i32.const 2))))
            (local.set $out (i32.add (local.get $out) (i32.shl (local.get $width) (i32.const 2))))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (br $rows_loop)))
        (local.set $panel (i32.add (local.get $panel) (i32.const 1)))
        (br $panels_loop)))
    ;; The rows that are left, one by one with two panels; a last panel without a second is done twice over.
    (local.set $at (local.get $fours))
    (block $no_rest
      (loop $rest_loop
        (br_if $no_rest (i32.ge_u (local.get $at) (local.get $count)))
        (local.set $row (i32.add (local.get $rows) (i32.mul (local.get $at) (local.get $depth))))
        (local.set $panel (i32.const 0))
        (block $no_pair
          (loop $pairs_loop
            (br_if $no_pair (i32.ge_u (local.get $panel) (local.get $panels)))
            (local.set $next (i32.add (local.get $weights) (i32.mul (local.get $panel) (local.get $bytes))))
            (local.set $out (i32.add (i32.add (local.get $sums) (i32.mul (local.get $at) (local.get $width)))
              (i32.shl (local.get $panel) (i32.const 6))))
            (if (i32.lt_u (i32.add (local.get $panel) (i32.const 1)) (local.get $panels))
              (then
                (call $int8_one_row (local.get $row) (local.get $depth) (local.get $next)
                  (i32.add (local.get $next) (local.get $bytes)) (local.get $out) (i32.add (local.get $out) (i32.const 64))))
              (else
                (call $int8_one_row (local.get $row) (local.get $depth) (local.get $next) (local.get $next) (local.get $out)
                  (local.get $out))))
            (local.set $panel (i32.add (local.get $panel) (i32.const 2)))
            (br $pairs_loop)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $rest_loop))))
)
