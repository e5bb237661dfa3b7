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
1400000001	bob	0		3	0	\N	\N	\N	2840851056715129763	t	0	0	0	\N	\\x	\\x
1400000001	bob	2	peer 13	2	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	bob	2	peer 14	3	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	bob	3	team 12	1	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	erin	0		0	0	\N	\N	\N	9027264641424979413	t	0	0	0	\N	\\x	\\x
1400000001	carol	0		10	1795332924	\N	\N	\N	5495701487642352327	t	1	4	3	\N	\\x	\\x
1400000001	carol	1	1	\N	\N	\\x4f6e6c79	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	2	peer 10	10	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	2	peer 9	9	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	3	team 8	8	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	4	peer 1	1	1795332924	\N	-9223372036854775806	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	4	peer 2	4	1795332924	\N	-9223372036854775804	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	4	peer 3	5	1795332924	\N	-9223372036854775800	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	5	team 4	6	1795332924	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	carol	4	peer 5	7	1795332924	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	peer 7	0		0	0	\N	\N	\N	-8142248670106066565	t	0	0	0	\N	\\x	\\x
1400000001	peer 8	0		0	0	\N	\N	\N	-4234922463757756603	t	0	0	0	\N	\\x	\\x
1400000001	grace	0		0	0	\N	\N	\N	4694134336169418492	t	0	0	0	\N	\\x477261636520616761696e	\\x
1400000001	peer 6	0		0	0	\N	\N	\N	-4558602221148787690	t	0	0	0	\N	\\x	\\x
1400000001	peer 10	0		0	0	\N	\N	\N	-2072011212846741817	t	0	0	0	\N	\\x	\\x
1400000001	peer 2	0		0	0	\N	\N	\N	-3095667923029930247	t	0	0	0	\N	\\x	\\x
1400000001	peer 1	0		0	0	\N	\N	\N	480622502475255178	t	0	0	0	\N	\\x	\\x
1400000001	dave	0		14	1795332924	\N	\N	\N	-1870084549502312710	t	0	0	11	\N	\\x	\\x
1400000001	dave	5	team 20	1	1795332924	\\x6d61726b65203230200120e5b7a5e4bd9c	-9223372036853727232	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 22	3	1795332924	\N	-9223372036850581504	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 23	4	1795332924	\N	-9223372036846387200	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 25	6	1795332924	\\x6d61726b65203235200120e5b7a5e4bd9c	-9223372036821221376	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 26	7	1795332924	\N	-9223372036787666944	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 27	8	1795332924	\N	-9223372036720558080	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	5	team 28	9	1795332924	\N	-9223372036586340352	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 29	10	1795332924	\N	-9223372036317904896	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 30	11	1795332924	\\x6d61726b65203330200120e5b7a5e4bd9c	-9223372035781033984	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 31	12	1795332924	\N	-9223372034707292160	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	dave	4	peer 21	14	1795332924	\\x6c61746572	-6917529027638984704	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	peer 5	0		0	0	\N	\N	\N	4392628931468358793	t	0	0	0	\N	\\x	\\x
1400000001	peer 9	0		0	0	\N	\N	\N	4109485018414954114	t	0	0	0	\N	\\x	\\x
1400000001	peer 4	0		0	0	\N	\N	\N	2058302437996058284	t	0	0	0	\N	\\x	\\x
1400000001	peer 11	0		0	0	\N	\N	\N	-8304150650579380697	t	0	0	0	\N	\\x	\\x
1400000001	peer 15	0		0	0	\N	\N	\N	3637823791850552782	t	0	0	0	\N	\\x	\\x
1400000001	peer 0	0		0	0	\N	\N	\N	-1421512005010380907	t	0	0	0	\N	\\x	\\x
1400000001	peer 16	0		0	0	\N	\N	\N	6625403199887643523	t	0	0	0	\N	\\x	\\x
1400000001	peer 14	0		0	0	\N	\N	\N	-4027659413247022843	t	0	0	0	\N	\\x	\\x
1400000001	peer 3	0		0	0	\N	\N	\N	6750817426978301761	t	0	0	0	\N	\\x	\\x
1400000001	peer 13	0		0	0	\N	\N	\N	-2056153697868297877	t	0	0	0	\N	\\x	\\x
1400000001	peer 12	0		0	0	\N	\N	\N	972932164205030977	t	0	0	0	\N	\\x	\\x
1400000001	peer 17	0		0	0	\N	\N	\N	-3373537291181995185	t	0	0	0	\N	\\x	\\x
1400000001	alice	0		71	1795332924	\N	\N	\N	-8184654799977119889	t	3	10	39	\\x0100000001990861acc957ead2bffa18fdbc8fb6a0a9f392682476598423bbbcdc5935c22b	\\x416c696365	\\x687474703a2f2f6578616d706c652e6f72672f61
1400000001	alice	1	1	\N	\N	\\x4f6666696365	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	1	3	\N	\N	\\xe5b7a5e4bd9c	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	peer 24	0		0	0	\N	\N	\N	6704251528376509925	t	0	0	0	\N	\\x	\\x
1400000001	peer 20	0		0	0	\N	\N	\N	-9063749829232909230	t	0	0	0	\N	\\x	\\x
1400000001	peer 22	0		0	0	\N	\N	\N	-2161725998176549332	t	0	0	0	\N	\\x	\\x
1400000001	peer 27	0		0	0	\N	\N	\N	-6539116488231201783	t	0	0	0	\N	\\x	\\x
1400000001	peer 25	0		0	0	\N	\N	\N	4009570748941877060	t	0	0	0	\N	\\x	\\x
1400000001	heidi	0		0	0	\N	\N	\N	-8340467158732946112	t	1	0	0	\\x02000000018d306c323c2abf1a70467728506fb07e205fa3b68b3898a05adb493f326e420f	\\x	\\x
1400000001	peer 21	0		0	0	\N	\N	\N	4827379685531159967	t	0	0	0	\N	\\x	\\x
1400000001	peer 30	0		0	0	\N	\N	\N	-8105140913282659934	t	0	0	0	\N	\\x	\\x
1400000001	peer 23	0		0	0	\N	\N	\N	-4535225678822098721	t	0	0	0	\N	\\x	\\x
1400000001	peer 28	0		0	0	\N	\N	\N	7418761410409953577	t	0	0	0	\N	\\x	\\x
1400000001	peer 19	0		0	0	\N	\N	\N	-4836008460145051411	t	0	0	0	\N	\\x	\\x
1400000001	peer 31	0		0	0	\N	\N	\N	-8966946873555932441	t	0	0	0	\N	\\x	\\x
1400000001	peer 18	0		0	0	\N	\N	\N	2380017795053591783	t	0	0	0	\N	\\x	\\x
1400000001	peer 32	0		0	0	\N	\N	\N	3894115798591150266	t	0	0	0	\N	\\x	\\x
1400000001	peer 33	0		0	0	\N	\N	\N	-8522610654680905982	t	0	0	0	\N	\\x	\\x
1400000001	peer 26	0		0	0	\N	\N	\N	-1738869750453793396	t	0	0	0	\N	\\x	\\x
1400000001	peer 36	0		0	0	\N	\N	\N	5104672290875938890	t	0	0	0	\N	\\x	\\x
1400000001	peer 29	0		0	0	\N	\N	\N	-7302007275147021073	t	0	0	0	\N	\\x	\\x
1400000001	peer 34	0		0	0	\N	\N	\N	-7926025059011869089	t	0	0	0	\N	\\x	\\x
1400000001	peer 35	0		0	0	\N	\N	\N	1346749363244741712	t	0	0	0	\N	\\x	\\x
1400000001	peer 37	0		0	0	\N	\N	\N	8263561005733375429	t	0	0	0	\N	\\x	\\x
1400000001	alice	2	peer 14	60	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	2	peer 15	61	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	2	peer 17	63	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	2	peer 18	64	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 0	1	1795332924	\\x6d61726b652030200120e5b7a5e4bd9c	-9223372036854775807	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 1	2	1795332924	\N	-9223372036854775806	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 2	3	1795332924	\N	-9223372036854775804	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 13	14	1795332924	\N	-9223372036854767616	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 14	15	1795332924	\N	-9223372036854759424	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 15	16	1795332924	\\x6d61726b65203135200120e5b7a5e4bd9c	-9223372036854743040	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 16	17	1795332924	\N	-9223372036854710272	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 17	18	1795332924	\N	-9223372036854644736	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 18	19	1795332924	\N	-9223372036854513664	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 19	20	1795332924	\N	-9223372036854251520	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 20	21	1795332924	\\x6d61726b65203230200120e5b7a5e4bd9c	-9223372036853727232	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 21	22	1795332924	\N	-9223372036852678656	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 22	23	1795332924	\N	-9223372036850581504	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 23	24	1795332924	\N	-9223372036846387200	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 24	25	1795332924	\N	-9223372036837998592	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 25	26	1795332924	\\x6d61726b65203235200120e5b7a5e4bd9c	-9223372036821221376	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 26	27	1795332924	\N	-9223372036787666944	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 27	28	1795332924	\N	-9223372036720558080	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 28	29	1795332924	\N	-9223372036586340352	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 29	30	1795332924	\N	-9223372036317904896	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 30	31	1795332924	\\x6d61726b65203330200120e5b7a5e4bd9c	-9223372035781033984	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 31	32	1795332924	\N	-9223372034707292160	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 32	33	1795332924	\N	-9223372032559808512	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 33	34	1795332924	\N	-9223372028264841216	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 34	35	1795332924	\N	-9223372019674906624	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 35	36	1795332924	\\x6d61726b65203335200120e5b7a5e4bd9c	-9223372002495037440	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 36	37	1795332924	\N	-9223371968135299072	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 37	38	1795332924	\N	-9223371899415822336	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 3	41	1795332924	\N	-9223372036854775800	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 4	42	1795332924	\N	-9223372036854775792	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 11	57	1795332924	\N	-9223372036854773760	{3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 12	58	1795332924	\N	-9223372036854771712	{3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 38	59	1795332924	\\x6c61746572	-6917528752763174912	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 5	65	1795332924	\\x6d61726b652035200120e5b7a5e4bd9c	-9223372036854775776	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 6	66	1795332924	\N	-9223372036854775744	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 7	67	1795332924	\N	-9223372036854775680	{1,3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	5	team 8	68	1795332924	\N	-9223372036854775552	{1,3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 9	69	1795332924	\N	-9223372036854775296	{3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	alice	4	peer 10	70	1795332924	\\x6d61726b65203130200120e5b7a5e4bd9c	-9223372036854774784	{3}	\N	\N	\N	\N	\N	\N	\N	\N
1400000002	never imported	0		2	1795332924	\N	\N	\N	-2823066426347299720	f	1	2	0	\N	\\x	\\x
1400000002	never imported	1	1	\N	\N	\\x576f726b	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000002	never imported	4	peer 1	1	1795332924	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000002	never imported	4	peer 2	2	1795332924	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	peer 39	0		0	0	\N	\N	\N	-234384244500222856	t	0	0	0	\N	\\x	\\x
1400000001	an-id-of-two-and-thirty-byte-工	0		10	1795332924	\N	\N	\N	2934526534840858646	t	1	4	3	\N	\\x	\\x
1400000001	an-id-of-two-and-thirty-byte-工	1	1	\N	\N	\\x4f6e6c79	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	2	peer 10	10	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	2	peer 9	9	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	3	team 8	8	1795332924	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	4	peer 1	1	1795332924	\N	-9223372036854775806	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	4	peer 2	4	1795332924	\N	-9223372036854775804	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	4	peer 3	5	1795332924	\N	-9223372036854775800	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	5	team 4	6	1795332924	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	an-id-of-two-and-thirty-byte-工	4	peer 5	7	1795332924	\N	0	{1}	\N	\N	\N	\N	\N	\N	\N	\N
1400000001	peer 38	0		0	0	\N	\N	\N	4818651737117031280	t	0	0	0	\N	\\x	\\x
1400000002	alice	0		2	1795332924	\N	\N	\N	6405201537367152304	f	0	0	2	\N	\\x	\\x
1400000002	alice	4	peer 1	1	1795332924	\N	-9223372036854775806	{}	\N	\N	\N	\N	\N	\N	\N	\N
1400000002	alice	4	peer 2	2	1795332924	\N	-9223372036854775804	{}	\N	\N	\N	\N	\N	\N	\N	\N
\.
COPY public.pinfold_chat_group_counts (app, last_serial, live) FROM stdin;
1400000001	9	7
1400000002	1	1
\.
COPY public.pinfold_chat_groups (app, id, serial, kind, name, owner, created_at, destroyed) FROM stdin;
1400000001	team 6	1	Community	\\x5465616d2036	bob	1795332924	f
1400000001	team 5	2	AVChatRoom	\\x5465616d2035	bob	1795332924	f
1400000001	team 4	3	Meeting	\\x5465616d2034	bob	1795332924	t
1400000001	team 3	4	ChatRoom	\\x5465616d2033	bob	1795332924	f
1400000001	team 2	5	Public	\\x5465616d2032	bob	1795332924	t
1400000001	team 1	6	Work	\\x5465616d2031	bob	1795332924	f
1400000001	team 0	7	Private	\\x5465616d2030	bob	1795332924	f
1400000001	@TGS#1	8	Public	\\x0120e5b7a5	\N	1600000000	f
1400000001	late	9	Public	\\x4c617465	\N	1795332924	f
1400000002	late	1	Work	\\x4f7468657220617070	\N	1795332924	f
\.
COPY public.pinfold_migrations (number, name, migrated_at) FROM stdin;
1	accounts and chat groups	2026-11-22 07:35:26.391729+00
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
