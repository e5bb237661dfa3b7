CREATE TABLE public.pinfold_accounts (
    app bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    kind smallint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    change bigint,
    changed_at bigint,
    label bytea,
    standard bigint,
    conversation_groups integer[],
    version bigint,
    imported boolean,
    last_conversation_group bigint,
    grouped bigint,
    marked bigint,
    repeated bytea,
    nick bytea,
    face_url bytea
);
CREATE TABLE public.pinfold_chat_group_counts (
    app bigint NOT NULL,
    last_serial bigint NOT NULL,
    live bigint NOT NULL
);
CREATE TABLE public.pinfold_chat_groups (
    app bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    serial bigint NOT NULL,
    kind text NOT NULL,
    name bytea NOT NULL,
    owner text,
    created_at bigint NOT NULL,
    destroyed boolean NOT NULL
);
CREATE TABLE public.pinfold_migrations (
    number bigint NOT NULL,
    name text NOT NULL,
    migrated_at timestamp with time zone DEFAULT now() NOT NULL
);
COPY public.pinfold_accounts (app, account, kind, key, change, changed_at, label, standard, conversation_groups, version, imported, last_conversation_group, grouped, marked, repeated, nick, face_url) FROM stdin;
1400000001	bob	0		3	0	\N	\N	\N	-6772915205941250430	t	0	0	0	\N	\\x	\\x
1400000001	bob	2	peer 13	2	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	bob	2	peer 14	3	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	bob	3	team 12	1	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	peer 9	0		0	0	\N	\N	\N	-2949968569345965920	t	0	0	0	\N	\\x	\\x
1400000001	peer 10	0		0	0	\N	\N	\N	1567075685855523693	t	0	0	0	\N	\\x	\\x
1400000001	peer 11	0		0	0	\N	\N	\N	8549687166927861788	t	0	0	0	\N	\\x	\\x
1400000001	peer 12	0		0	0	\N	\N	\N	8951901754284589704	t	0	0	0	\N	\\x	\\x
1400000001	peer 13	0		0	0	\N	\N	\N	1414418530638131234	t	0	0	0	\N	\\x	\\x
1400000001	peer 14	0		0	0	\N	\N	\N	-2621002347700021301	t	0	0	0	\N	\\x	\\x
1400000001	peer 15	0		0	0	\N	\N	\N	2160138819057095890	t	0	0	0	\N	\\x	\\x
1400000001	peer 16	0		0	0	\N	\N	\N	-1049581608504198936	t	0	0	0	\N	\\x	\\x
1400000001	peer 17	0		0	0	\N	\N	\N	-6459493189464065827	t	0	0	0	\N	\\x	\\x
1400000001	peer 18	0		0	0	\N	\N	\N	-3181430379679833060	t	0	0	0	\N	\\x	\\x
1400000001	peer 19	0		0	0	\N	\N	\N	3182175069916562449	t	0	0	0	\N	\\x	\\x
1400000001	peer 20	0		0	0	\N	\N	\N	8845158912055056173	t	0	0	0	\N	\\x	\\x
1400000001	peer 21	0		0	0	\N	\N	\N	-8754016210720768036	t	0	0	0	\N	\\x	\\x
1400000001	peer 22	0		0	0	\N	\N	\N	4383200665319162848	t	0	0	0	\N	\\x	\\x
1400000001	peer 23	0		0	0	\N	\N	\N	-3324867703441962942	t	0	0	0	\N	\\x	\\x
1400000001	peer 24	0		0	0	\N	\N	\N	2241248556763918206	t	0	0	0	\N	\\x	\\x
1400000001	peer 25	0		0	0	\N	\N	\N	-8139849464732056509	t	0	0	0	\N	\\x	\\x
1400000001	peer 26	0		0	0	\N	\N	\N	4706148478250106055	t	0	0	0	\N	\\x	\\x
1400000001	peer 27	0		0	0	\N	\N	\N	3916411350809159224	t	0	0	0	\N	\\x	\\x
1400000001	peer 28	0		0	0	\N	\N	\N	-2219466016311654923	t	0	0	0	\N	\\x	\\x
1400000001	peer 29	0		0	0	\N	\N	\N	-8547638560896630790	t	0	0	0	\N	\\x	\\x
1400000001	peer 30	0		0	0	\N	\N	\N	-1389765080773816337	t	0	0	0	\N	\\x	\\x
1400000001	peer 31	0		0	0	\N	\N	\N	-3075630471490049965	t	0	0	0	\N	\\x	\\x
1400000001	peer 32	0		0	0	\N	\N	\N	-8819210218819220015	t	0	0	0	\N	\\x	\\x
1400000001	peer 33	0		0	0	\N	\N	\N	2575944722915908011	t	0	0	0	\N	\\x	\\x
1400000001	peer 34	0		0	0	\N	\N	\N	1360234514134220279	t	0	0	0	\N	\\x	\\x
1400000001	peer 35	0		0	0	\N	\N	\N	-3672986294060489464	t	0	0	0	\N	\\x	\\x
1400000001	peer 36	0		0	0	\N	\N	\N	-6163594066172027961	t	0	0	0	\N	\\x	\\x
1400000001	peer 37	0		0	0	\N	\N	\N	-415022522684003815	t	0	0	0	\N	\\x	\\x
1400000001	peer 38	0		0	0	\N	\N	\N	-2868190285684419542	t	0	0	0	\N	\\x	\\x
1400000001	peer 39	0		0	0	\N	\N	\N	-3011090072159745671	t	0	0	0	\N	\\x	\\x
1400000001	an-id-of-two-and-thirty-byte-工	0		10	1795328659	\N	\N	\N	-2265972214903950195	t	1	4	3	\N	\\x	\\x
1400000001	an-id-of-two-and-thirty-byte-工	1	1	\N	\N	\\x4f6e6c79	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	2	peer 10	10	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	2	peer 9	9	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	3	team 8	8	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	4	peer 1	1	1795328659	\N	-9223372036854775806	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	4	peer 2	4	1795328659	\N	-9223372036854775804	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	4	peer 3	5	1795328659	\N	-9223372036854775800	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	5	team 4	6	1795328659	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	4	peer 5	7	1795328659	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000002	alice	0		2	1795328659	\N	\N	\N	-3753502410109255036	f	0	0	2	\N	\\x	\\x
1400000002	alice	4	peer 1	1	1795328659	\N	-9223372036854775806	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000002	alice	4	peer 2	2	1795328659	\N	-9223372036854775804	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000002	never imported	0		2	1795328659	\N	\N	\N	-2840670343108915704	f	1	2	0	\N	\\x	\\x
1400000002	never imported	1	1	\N	\N	\\x576f726b	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000002	never imported	4	peer 1	1	1795328659	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000002	never imported	4	peer 2	2	1795328659	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	erin	0		0	0	\N	\N	\N	6108463291159348295	t	0	0	0	\N	\\x	\\x
1400000001	dave	0		13	1795328659	\N	\N	\N	-5059370710868630851	t	0	0	11	\N	\\x	\\x
1400000001	dave	5	team 20	1	1795328659	\\x6d61726b65203230200120e5b7a5e4bd9c	-9223372036853727232	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 21	2	1795328659	\N	-9223372036852678656	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 22	3	1795328659	\N	-9223372036850581504	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 23	4	1795328659	\N	-9223372036846387200	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 25	6	1795328659	\\x6d61726b65203235200120e5b7a5e4bd9c	-9223372036821221376	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 26	7	1795328659	\N	-9223372036787666944	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 27	8	1795328659	\N	-9223372036720558080	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	5	team 28	9	1795328659	\N	-9223372036586340352	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 29	10	1795328659	\N	-9223372036317904896	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 30	11	1795328659	\\x6d61726b65203330200120e5b7a5e4bd9c	-9223372035781033984	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 31	12	1795328659	\N	-9223372034707292160	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	0		70	1795328659	\N	\N	\N	-3821711575866831315	t	3	10	39	\\x0100000001990861acc957ead2bffa18fdbc8fb6a0a9f392682476598423bbbcdc5935c22b	\\x416c696365	\\x687474703a2f2f6578616d706c652e6f72672f61
1400000001	alice	1	1	\N	\N	\\x4f6666696365	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	1	3	\N	\N	\\xe5b7a5e4bd9c	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	2	peer 14	59	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	2	peer 15	60	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	2	peer 17	62	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	2	peer 18	63	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 0	1	1795328659	\\x6d61726b652030200120e5b7a5e4bd9c	-9223372036854775807	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 1	2	1795328659	\N	-9223372036854775806	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 2	3	1795328659	\N	-9223372036854775804	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 13	14	1795328659	\N	-9223372036854767616	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 14	15	1795328659	\N	-9223372036854759424	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 15	16	1795328659	\\x6d61726b65203135200120e5b7a5e4bd9c	-9223372036854743040	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 16	17	1795328659	\N	-9223372036854710272	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 17	18	1795328659	\N	-9223372036854644736	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 18	19	1795328659	\N	-9223372036854513664	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 19	20	1795328659	\N	-9223372036854251520	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 20	21	1795328659	\\x6d61726b65203230200120e5b7a5e4bd9c	-9223372036853727232	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 21	22	1795328659	\N	-9223372036852678656	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 22	23	1795328659	\N	-9223372036850581504	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 23	24	1795328659	\N	-9223372036846387200	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 24	25	1795328659	\N	-9223372036837998592	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 25	26	1795328659	\\x6d61726b65203235200120e5b7a5e4bd9c	-9223372036821221376	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 26	27	1795328659	\N	-9223372036787666944	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 27	28	1795328659	\N	-9223372036720558080	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 28	29	1795328659	\N	-9223372036586340352	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 29	30	1795328659	\N	-9223372036317904896	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 30	31	1795328659	\\x6d61726b65203330200120e5b7a5e4bd9c	-9223372035781033984	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 31	32	1795328659	\N	-9223372034707292160	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 32	33	1795328659	\N	-9223372032559808512	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 33	34	1795328659	\N	-9223372028264841216	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 34	35	1795328659	\N	-9223372019674906624	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 35	36	1795328659	\\x6d61726b65203335200120e5b7a5e4bd9c	-9223372002495037440	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 36	37	1795328659	\N	-9223371968135299072	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 37	38	1795328659	\N	-9223371899415822336	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 38	39	1795328659	\N	-9223371761976868864	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 3	41	1795328659	\N	-9223372036854775800	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 4	42	1795328659	\N	-9223372036854775792	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 11	57	1795328659	\N	-9223372036854773760	{3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 12	58	1795328659	\N	-9223372036854771712	{3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 5	64	1795328659	\\x6d61726b652035200120e5b7a5e4bd9c	-9223372036854775776	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 6	65	1795328659	\N	-9223372036854775744	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 7	66	1795328659	\N	-9223372036854775680	{1,3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 8	67	1795328659	\N	-9223372036854775552	{1,3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 9	68	1795328659	\N	-9223372036854775296	{3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 10	69	1795328659	\\x6d61726b65203130200120e5b7a5e4bd9c	-9223372036854774784	{3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	grace	0		0	0	\N	\N	\N	-5185960889922643119	t	0	0	0	\N	\\x477261636520616761696e	\\x
1400000001	carol	0		10	1795328659	\N	\N	\N	-9043447086872338611	t	1	4	3	\N	\\x	\\x
1400000001	carol	1	1	\N	\N	\\x4f6e6c79	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	2	peer 10	10	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	2	peer 9	9	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	3	team 8	8	1795328659	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	4	peer 1	1	1795328659	\N	-9223372036854775806	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	4	peer 2	4	1795328659	\N	-9223372036854775804	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	4	peer 3	5	1795328659	\N	-9223372036854775800	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	5	team 4	6	1795328659	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	4	peer 5	7	1795328659	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	peer 1	0		0	0	\N	\N	\N	8586188787900556419	t	0	0	0	\N	\\x	\\x
1400000001	peer 0	0		0	0	\N	\N	\N	-219784013916726066	t	0	0	0	\N	\\x	\\x
1400000001	heidi	0		0	0	\N	\N	\N	387702604559832995	t	1	0	0	\\x02000000018d306c323c2abf1a70467728506fb07e205fa3b68b3898a05adb493f326e420f	\\x	\\x
1400000001	peer 3	0		0	0	\N	\N	\N	7181730879212752492	t	0	0	0	\N	\\x	\\x
1400000001	peer 4	0		0	0	\N	\N	\N	3183488147864317428	t	0	0	0	\N	\\x	\\x
1400000001	peer 6	0		0	0	\N	\N	\N	5101165136221832649	t	0	0	0	\N	\\x	\\x
1400000001	peer 2	0		0	0	\N	\N	\N	-79885186198654894	t	0	0	0	\N	\\x	\\x
1400000001	peer 8	0		0	0	\N	\N	\N	-4839425337151832288	t	0	0	0	\N	\\x	\\x
1400000001	peer 5	0		0	0	\N	\N	\N	-4686279292985527694	t	0	0	0	\N	\\x	\\x
1400000001	peer 7	0		0	0	\N	\N	\N	-2564176568240002258	t	0	0	0	\N	\\x	\\x
\.
COPY public.pinfold_chat_group_counts (app, last_serial, live) FROM stdin;
1400000001	9	7
1400000002	1	1
\.
COPY public.pinfold_chat_groups (app, id, serial, kind, name, owner, created_at, destroyed) FROM stdin;
1400000001	team 6	1	Community	\\x5465616d2036	bob	1795328659	f
1400000001	team 5	2	AVChatRoom	\\x5465616d2035	bob	1795328659	f
1400000001	team 4	3	Meeting	\\x5465616d2034	bob	1795328659	t
1400000001	team 3	4	ChatRoom	\\x5465616d2033	bob	1795328659	f
1400000001	team 2	5	Public	\\x5465616d2032	bob	1795328659	t
1400000001	team 1	6	Work	\\x5465616d2031	bob	1795328659	f
1400000001	team 0	7	Private	\\x5465616d2030	bob	1795328659	f
1400000001	@TGS#1	8	Public	\\x0120e5b7a5	\N	1600000000	f
1400000001	late	9	Public	\\x4c617465	\N	1795328659	f
1400000002	late	1	Work	\\x4f7468657220617070	\N	1795328659	f
\.
COPY public.pinfold_migrations (number, name, migrated_at) FROM stdin;
1	accounts and chat groups	2026-11-22 06:24:26.447622+00
\.
ALTER TABLE ONLY public.pinfold_accounts
    ADD CONSTRAINT pinfold_accounts_pkey PRIMARY KEY (app, account, kind, key);
ALTER TABLE ONLY public.pinfold_chat_group_counts
    ADD CONSTRAINT pinfold_chat_group_counts_pkey PRIMARY KEY (app);
ALTER TABLE ONLY public.pinfold_chat_groups
    ADD CONSTRAINT pinfold_chat_groups_pkey PRIMARY KEY (app, id);
ALTER TABLE ONLY public.pinfold_migrations
    ADD CONSTRAINT pinfold_migrations_pkey PRIMARY KEY (number);
CREATE UNIQUE INDEX pinfold_chat_groups_serial ON public.pinfold_chat_groups USING btree (app, serial);
