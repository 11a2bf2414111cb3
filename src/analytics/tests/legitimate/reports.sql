# What people ask of a shop's data, over the same tables

select count(*) as orders, count(distinct o_custkey) as customers, sum(o_totalprice) as turnover,
    avg(o_totalprice) as mean_order, min(o_orderdate) as first_order, max(o_orderdate) as last_order
from orders

select extract(year from o_orderdate) as y, count(*) as n, sum(o_totalprice) as turnover
from orders group by 1 order by 1

select date_trunc('month', o_orderdate) as m, sum(o_totalprice) as turnover
from orders where o_orderdate >= date '1997-01-01' group by 1 order by 1

select date_trunc('quarter', o_orderdate) as q, o_orderpriority, count(*) as n
from orders group by 1, 2 order by 1, 2

select extract(month from o_orderdate) as m, avg(o_totalprice) as mean_order
from orders group by m order by m

select c_mktsegment, count(*) as customers, round(avg(c_acctbal), 2) as mean_balance
from customer group by c_mktsegment order by customers desc, c_mktsegment

select n_name, count(*) as customers
from customer join nation on c_nationkey = n_nationkey
group by n_name having count(*) > 1 order by customers desc, n_name

select r_name, sum(o_totalprice) as turnover, sum(o_totalprice) * 100.0 / sum(sum(o_totalprice)) over () as share
from orders join customer on o_custkey = c_custkey join nation on c_nationkey = n_nationkey
    join region on n_regionkey = r_regionkey
group by r_name order by turnover desc

select c_name, sum(o_totalprice) as turnover
from customer join orders on c_custkey = o_custkey
group by c_name order by turnover desc, c_name limit 10

select c_name from customer left join orders on c_custkey = o_custkey where o_orderkey is null order by c_name

select p_brand, sum(l_quantity) as quantity, rank() over (order by sum(l_quantity) desc, p_brand) as place
from lineitem join part on l_partkey = p_partkey
group by p_brand order by place limit 5

select * from (
    select n_name, c_name, c_acctbal, row_number() over (partition by n_name order by c_acctbal desc, c_name) as place
    from customer join nation on c_nationkey = n_nationkey) ranked
where place <= 2 order by n_name, place

with monthly as (
    select date_trunc('month', o_orderdate) as m, sum(o_totalprice) as turnover from orders group by 1)
select m, turnover, turnover - lag(turnover) over (order by m) as change,
    (turnover - lag(turnover) over (order by m)) * 1.0 / lag(turnover) over (order by m) as ratio
from monthly order by m

with yearly as (
    select extract(year from o_orderdate) as y, o_orderpriority as p, sum(o_totalprice) as turnover
    from orders group by 1, 2)
select a.p, a.y, a.turnover, b.turnover as before
from yearly a left join yearly b on a.p = b.p and a.y = b.y + 1
order by a.p, a.y

select o_orderdate, sum(o_totalprice) over (order by o_orderdate, o_orderkey rows unbounded preceding) as running
from orders order by o_orderdate, running limit 50

select o_orderdate, o_orderkey,
    avg(o_totalprice) over (order by o_orderdate, o_orderkey rows between 6 preceding and current row) as moving
from orders order by o_orderdate, o_orderkey limit 50

select case when o_totalprice < 50000 then 'small' when o_totalprice < 150000 then 'middle' else 'large' end as size,
    count(*) as n, avg(o_totalprice) as mean_order
from orders group by 1 order by 1

select floor(o_totalprice / 20000) * 20000 as bucket, count(*) as n from orders group by 1 order by 1

select ntile, min(c_acctbal) as lowest, max(c_acctbal) as highest, count(*) as n
from (select c_acctbal, ntile(4) over (order by c_acctbal, c_custkey) as ntile from customer) quarters
group by ntile order by ntile

select median(o_totalprice) as middle, stddev(o_totalprice) as spread, var_pop(o_totalprice) as variance from orders

select corr(l_quantity, l_extendedprice) as r, covar_pop(l_quantity, l_discount) as c from lineitem

select percentile_cont(0.9) within group (order by o_totalprice) as p90 from orders

select l_shipmode, avg(l_discount) as discount, sum(l_quantity) filter (where l_returnflag = 'R') as returned
from lineitem group by l_shipmode order by l_shipmode

select l_shipmode, sum(case when l_receiptdate > l_commitdate then 1 else 0 end) * 1.0 / count(*) as late
from lineitem group by l_shipmode order by late desc, l_shipmode

select extract(year from l_shipdate) as y, l_returnflag,
    sum(l_extendedprice * (1 - l_discount)) as revenue
from lineitem group by rollup (extract(year from l_shipdate), l_returnflag) order by y, l_returnflag, revenue

select l_returnflag, l_linestatus, count(*) as n
from lineitem group by cube (l_returnflag, l_linestatus) order by n, l_returnflag, l_linestatus

select l_shipmode, l_shipinstruct, count(*) as n
from lineitem group by grouping sets ((l_shipmode), (l_shipinstruct), ()) order by n, l_shipmode, l_shipinstruct

select s_name, (select count(*) from lineitem where l_suppkey = s_suppkey) as lines
from supplier order by lines desc, s_name limit 5

select s_name from supplier
where not exists (select 1 from partsupp where ps_suppkey = s_suppkey and ps_availqty < 500) order by s_name

select p_name, p_retailprice from part
where p_retailprice > (select avg(p_retailprice) from part) order by p_retailprice desc, p_name limit 7

select upper(n_name) as loud, lower(n_name) as quiet, length(n_name) as letters, substring(n_name from 1 for 3) as short
from nation order by loud

select n_name || ' (' || r_name || ')' as place
from nation join region on n_regionkey = r_regionkey order by place

select replace(c_phone, '-', ' ') as phone, split_part(c_phone, '-', 1) as country
from customer order by phone limit 5

select trim(both ' ' from c_address) as address, reverse(c_name) as back, concat(c_name, ': ', c_phone) as card
from customer order by c_custkey limit 5

select c_name from customer where c_name like 'Customer%1' and c_mktsegment in ('BUILDING', 'MACHINERY') order by 1

select p_name from part where p_name ilike '%GREEN%' or p_name like '%forest%' order by 1

select regexp_replace(p_type, '[AEIOU]', '_', 'g') as spelled from part order by 1 limit 5

select coalesce(nullif(o_orderstatus, 'P'), 'open') as status, count(*) as n from orders group by 1 order by 1

select greatest(l_quantity, 25) as most, least(l_quantity, 25) as fewest, abs(l_quantity - 25) as distance
from lineitem order by l_orderkey, l_linenumber limit 10

select cast(o_totalprice as integer) as whole, cast(o_orderkey as varchar) as name, o_orderkey % 7 as rest
from orders order by o_orderkey limit 10

select o_orderdate, o_orderdate + interval '1 month' as due, o_orderdate - interval '7 days' as noticed
from orders order by o_orderkey limit 10

select o_orderkey from orders where o_orderdate between date '1995-01-01' and date '1995-06-30' order by 1

select o_orderpriority as name, count(*) as n from orders group by 1
union all select l_shipmode, count(*) from lineitem group by 1
order by n desc, name

select c_nationkey from customer intersect select s_nationkey from supplier order by 1

select p_size from part except select ps_suppkey from partsupp order by 1

select distinct p_mfgr, p_brand from part order by p_mfgr, p_brand

select a.c_name, b.c_name as other
from customer a join customer b on a.c_nationkey = b.c_nationkey and a.c_custkey < b.c_custkey
order by 1, 2 limit 20

select o_orderkey, first_value(l_shipdate) over (partition by o_orderkey order by l_linenumber) as first_shipped,
    last_value(l_shipdate) over (partition by o_orderkey order by l_linenumber
        rows between unbounded preceding and unbounded following) as last_shipped
from orders join lineitem on o_orderkey = l_orderkey order by o_orderkey, l_linenumber limit 20

select o_custkey, o_orderdate, lead(o_orderdate) over (partition by o_custkey order by o_orderdate, o_orderkey) as next
from orders order by o_custkey, o_orderdate, o_orderkey limit 20

select cume_dist() over w as cumulated, percent_rank() over w as relative, dense_rank() over w as place
from customer window w as (order by c_acctbal) order by 1, 2, 3 limit 20

with first_orders as (
    select o_custkey, min(o_orderdate) as first_order from orders group by o_custkey),
cohorts as (
    select extract(year from first_order) as cohort, extract(year from o_orderdate) as y, orders.o_custkey
    from orders join first_orders on orders.o_custkey = first_orders.o_custkey)
select cohort, y, count(distinct o_custkey) as active from cohorts group by cohort, y order by cohort, y

with totals as (select o_custkey, sum(o_totalprice) as turnover from orders group by o_custkey),
cumulated as (
    select o_custkey, turnover, sum(turnover) over (order by turnover desc, o_custkey) as running,
        sum(turnover) over () as whole from totals)
select count(*) as customers_that_make_80_percent from cumulated where running <= 0.8 * whole

select extract(dow from o_orderdate) as weekday, count(*) as n from orders group by 1 order by 1

select exp(1) as e, ln(10) as ln, power(2, 10) as kilo, sqrt(2) as root, round(2.567, 1) as r, abs(-3) as s

select label, n * 2 as doubled from (values (1, 'a'), (2, 'b'), (3, null)) as t (n, label) order by n

select string_agg(n_name, ', ' order by n_name) as names from nation where n_regionkey = 1

select n_regionkey, bool_and(n_nationkey < 20) as small, bool_or(n_nationkey > 20) as great
from nation group by n_regionkey order by n_regionkey

select o_orderkey from orders
where o_totalprice > 100000 and not (o_orderstatus = 'F' or o_orderpriority = '5-LOW') and o_comment is not null
order by o_orderkey offset 3 limit 4
